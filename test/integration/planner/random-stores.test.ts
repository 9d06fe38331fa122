import fc from 'fast-check';
import { BSON } from 'mongodb';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Block, Finding } from '../../../src/model/finding.js';
import { createTestDatabases } from '../../servers.js';
import { connectBoth } from '../stores/test-connections.js';
import { AS_OF, fill, makePlan, parsed, type Plan } from './made-plan.js';
import { naivePlan, type NaivePlan } from './naive-plan.js';
import { somePolicy, someStores } from './random-stores.js';

const databases = await createTestDatabases();
const connections = await connectBoth(databases);

afterAll(async () => {
  await connections.close();
  await databases.drop();
});

/** The plan as lines, to be compared with the naive one. */
function told(plan: Plan): NaivePlan {
  const concern = ({ code, team, user, at, value }: Finding | Block): string =>
    [
      code,
      team,
      user,
      ...(at === undefined ? [] : [at.store, at.row, at.field]),
      ...(value === undefined ? [] : [value]),
    ].join(' ');
  return {
    decisions: plan.teams
      .flatMap(({ team: { id, state, createdBy, people }, decisions }) =>
        decisions.map(({ user, standing, member, observed, changes }) =>
          [
            `${id} ${state} ${createdBy} ${people.before}`,
            `${user} ${standing} ${member}`,
            ...[
              ...observed.mongo.map((row) => `mongo ${row.id} ${row.role} ${row.active}`),
              ...observed.postgres.map(
                (row) => `postgres ${row.id} ${row.mongoId} ${row.role} ${row.active}`,
              ),
            ].sort(),
            ...changes
              .map((change) => `${change.store} ${change.op} ${change.role} ${idOf(change)} ${change.rule}`)
              .sort(),
          ].join('\n'),
        ),
      )
      .sort(),
    findings: plan.findings.map(concern).sort(),
    blocked: plan.blocked.map(concern).sort(),
  };
}

function idOf(change: Plan['teams'][number]['decisions'][number]['changes'][number]): string {
  const image = change.op === 'insert' ? change.after : change.before;
  if (change.store === 'postgres') return z.string().parse(image[change.op === 'insert' ? 'mongo_id' : 'id']);
  const key: unknown = image['_id'];
  return typeof key === 'string' ? key : z.object({ $oid: z.string() }).parse(key).$oid;
}

describe('a plan', () => {
  it('holds what the rules say, of any data and under any policy', async () => {
    const kinds = new Set<string>();
    await fc.assert(
      fc.asyncProperty(someStores, somePolicy, async (stores, policy) => {
        await fill(databases, stores);
        const plan = parsed(await makePlan(connections, { policy }));
        const expected = naivePlan(stores, policy, AS_OF);
        expect(told(plan)).toEqual(expected);
        await expectImagesOfStoredRows(plan);
        for (const { code } of [...plan.findings, ...plan.blocked]) kinds.add(code);
        for (const { decisions } of plan.teams) {
          for (const { changes } of decisions)
            for (const { op, store } of changes) kinds.add(`${store} ${op}`);
        }
      }),
      { seed: 20261122, numRuns: 80 },
    );
    // The data must have led into every corner, or the comparison would prove little.
    expect([...kinds].sort()).toEqual([
      'deleted-team-holds-roles',
      'duplicate-active-role',
      'exempt',
      'link-conflict',
      'malformed-membership',
      'malformed-row',
      'missing-team',
      'mongo deactivate',
      'mongo delete',
      'mongo insert',
      'mongo reactivate',
      'odd-membership',
      'odd-team-state',
      'owner-without-membership',
      'postgres deactivate',
      'postgres delete',
      'postgres insert',
      'postgres reactivate',
      'team-without-owner',
      'unknown-role',
      'unlinked-row',
    ]);
  }, 240_000);

  /** Every row that is altered stands in the plan as it stands in its store. */
  async function expectImagesOfStoredRows(plan: Plan): Promise<void> {
    const documents = await databases.mongo
      .collection('user_roles')
      .find({}, { promoteValues: false })
      .toArray();
    const { rows } = await databases.pg.query<{ row: Record<string, string | null> }>(
      `SELECT (SELECT json_object_agg(key, value) FROM json_each_text(to_json(r))) AS row FROM postgres_user_roles AS r`,
    );
    const canonical = new Set(
      documents.map((document) => BSON.EJSON.stringify(document, { relaxed: false })),
    );
    for (const { decisions } of plan.teams) {
      for (const change of decisions.flatMap(({ changes }) => changes)) {
        if (change.op === 'insert') continue;
        if (change.store === 'mongo') expect(canonical).toContain(JSON.stringify(change.before));
        else {
          const { id, user_id, mongo_id } = change.before;
          expect(rows.map(({ row }) => row)).toContainEqual(
            expect.objectContaining({ id, user_id, mongo_id }),
          );
          expect(change.before['created_at']).toBe('2026-01-01 00:00:00.000001+00');
        }
      }
    }
  }
});

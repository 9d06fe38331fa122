import { stat } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { MongoImage, PostgresImage } from '../../../src/model/decision.js';
import { rowsWith } from '../../contents.js';
import { BYSTANDER, CHANGES, linkOf, PEOPLE, teamId } from './broken-team.js';
import { endOf, receiptOf, stageWith } from './stage.js';

const stage = await stageWith(1, 2);

interface Held {
  readonly user: string;
  readonly role: string;
  readonly link: string | null;
}

/** Who actively holds what in a team, in each store. */
async function held(team: number): Promise<{ mongo: Held[]; postgres: Held[] }> {
  const documents = await stage.databases.mongo
    .collection<{ _id: { toHexString(): string }; user_id: string; role_name: string; team_id: unknown }>(
      'user_roles',
    )
    .find({ scope: 'TEAM', is_active: true })
    .toArray();
  const { rows } = await stage.databases.pg.query<Held>(
    `SELECT user_id AS user, role_name AS role, mongo_id AS link FROM postgres_user_roles
      WHERE team_id = $1 AND scope = 'TEAM' AND is_active`,
    [teamId(team)],
  );
  const mongo = documents
    .filter((one) => String(one.team_id) === teamId(team))
    .map((one) => ({ user: one.user_id, role: one.role_name, link: one._id.toHexString() }));
  const inOrder = (a: Held, b: Held): number => (`${a.user} ${a.role}` < `${b.user} ${b.role}` ? -1 : 1);
  return { mongo: mongo.sort(inOrder), postgres: rows.sort(inOrder) };
}

/** In the rows of users in no plan, in those of another scope, and in teams. */
const UNTOUCHABLE = [BYSTANDER, 'GLOBAL', 'is_deleted'];

test('every kind of change in each store is made, and both copies are linked', async () => {
  const path = await stage.plan();
  const summary = await stage.summary(path);
  const twice = Object.fromEntries(Object.entries(CHANGES).map(([op, count]) => [op, count * 2]));
  expect(summary.changes).toEqual({ mongo: twice, postgres: twice });

  const before = await stage.contents();
  expect(endOf(await stage.apply(path))).toBe('complete: applied, applied');
  const after = await stage.contents();
  expect(rowsWith(after, ...UNTOUCHABLE)).toEqual(rowsWith(before, ...UNTOUCHABLE));

  for (const team of [1, 2]) {
    const { mongo, postgres } = await held(team);
    expect(mongo).toEqual(postgres);
    const roles = mongo.map(({ user, role }) => `${user.slice(-1)} ${role}`);
    expect(roles).toEqual([
      ...['1 admin', '1 member', '1 owner', '2 member', '4 member'],
      ...['5 member', '6 member', '7 member', '8 member'],
    ]);
    const link = (person: string): string | null | undefined =>
      mongo.find(({ user, role }) => user === person && role === 'member')?.link;
    for (const person of [PEOPLE.inactiveRow, PEOPLE.inactiveDocument, PEOPLE.noRow, PEOPLE.noDocument]) {
      expect(link(person)).toBe(linkOf(team, person));
    }
  }
});

test('nothing is changed but what the plan says: fields, types and columns of altered rows stay', async () => {
  const path = await stage.plan();
  const before = await stage.contents();
  await stage.apply(path);
  const after = await stage.contents();
  const key = `user_roles {"id":{"$oid":"${linkOf(1, PEOPLE.former)}"}}`;
  expect(after.mongo[key]).toBe(before.mongo[key]?.replace('"is_active":true', '"is_active":false'));

  const altered = Object.entries(after.postgres).filter(
    ([id, row]) => before.postgres[id] !== undefined && before.postgres[id] !== row,
  );
  // A deactivated row and a reactivated one in each of the two teams.
  expect(altered).toHaveLength(4);
  const { rows } = await stage.databases.pg.query(
    `SELECT DISTINCT created_at::text, created_by, sync_status, sync_error FROM postgres_user_roles
      WHERE user_id = ANY ($1)`,
    [[PEOPLE.former, PEOPLE.inactiveRow]],
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ created_by: 'system', sync_status: 'FAILED', sync_error: 'some "error"' });
});

test('deactivated, reactivated and new rows carry the time of the plan', async () => {
  const asOf = Date.now() - 3_600_000;
  const path = await stage.plan({ asOf });
  await stage.apply(path);
  const { rows } = await stage.databases.pg.query<{ user_id: string; synced: Date; created: Date }>(
    `SELECT user_id, last_sync_at AS synced, created_at AS created FROM postgres_user_roles
      WHERE team_id = $1 AND user_id = ANY ($2)`,
    [teamId(1), [PEOPLE.creator, PEOPLE.former, PEOPLE.inactiveRow]],
  );
  expect(rows).toHaveLength(5);
  for (const row of rows) expect(row.synced).toEqual(new Date(asOf));
  for (const row of rows.filter(({ user_id }) => user_id === PEOPLE.creator))
    expect(row.created).toEqual(new Date(asOf));
});

describe('the receipt', () => {
  test('tells who did what to which databases, for nobody else to read', async () => {
    const path = await stage.plan();
    await stage.apply(path);
    const events = await stage.receipt(receiptOf(path));
    expect(events.map(({ event }) => event)).toEqual([
      ...['run', 'session'],
      ...['intent', 'outcome', 'intent', 'outcome'],
      'end',
    ]);
    const { digest, header } = await stage.read(path, ({ digest, header }) =>
      Promise.resolve({ digest, header }),
    );
    expect(events[0]).toMatchObject({ plan: digest, targets: header.targets, who: 'ann@desk', teams: 2 });
    expect(events.filter(({ event }) => event === 'outcome')).toMatchObject([
      { team: teamId(1), outcome: 'applied', problem: null },
      { team: teamId(2), outcome: 'applied', problem: null },
    ]);
    expect(events.at(-1)).toMatchObject({ result: 'complete' });
    expect((await stat(receiptOf(path))).mode & 0o777).toBe(0o600);
  });

  test('holds every row that was removed or altered whole, as the databases had it, and as it is now', async () => {
    const path = await stage.plan();
    const before = await stage.contents();
    // The plan does not hold this: what the receipt says must come from the database.
    await stage.databases.pg.query(`UPDATE postgres_user_roles SET sync_error = 'newer' WHERE user_id = $1`, [
      PEOPLE.extra,
    ]);
    await stage.apply(path);
    const after = await stage.contents();
    const intents = await stage.intents(receiptOf(path));
    expect(intents.map(({ team }) => team)).toEqual([teamId(1), teamId(2)]);
    for (const { changes } of intents) {
      const ops = changes.map(({ store, op }) => `${store} ${op}`);
      for (const store of ['mongo', 'postgres'])
        for (const [op, count] of Object.entries(CHANGES))
          expect(ops.filter((one) => one === `${store} ${op}`)).toHaveLength(count);
      for (const { store, op, before: was, after: is } of changes) {
        expect(was === null).toBe(op === 'insert');
        expect(is === null).toBe(op === 'delete');
        if (store === 'mongo') {
          if (was !== null) expect(before.mongo[keyOf(was)]).toBe(JSON.stringify(was));
          if (is !== null) expect(after.mongo[keyOf(is)]).toBe(JSON.stringify(is));
        } else {
          if (is !== null) expect(after.postgres[String(is['id'])]).toBe(compositeText(is));
          if (was !== null && op !== 'delete')
            expect(before.postgres[String(was['id'])]).toBe(compositeText(was));
          if (op === 'delete') expect(was).toMatchObject({ sync_error: 'newer', role_name: 'admin' });
        }
      }
    }
  });
});

test('an apply once more finds everything done, writes nothing and says who did it', async () => {
  const path = await stage.plan();
  await stage.apply(path);
  const [contents, events] = [await stage.contents(), await stage.receipt(receiptOf(path))];
  const again = await stage.apply(path);
  expect(endOf(again)).toBe('complete: already-done, already-done');
  expect(again.earlier).toMatchObject({ who: 'ann@desk', result: 'complete' });
  expect(await stage.contents()).toEqual(contents);
  expect(await stage.receipt(receiptOf(path))).toEqual(events);
});

test.each([1, 2, 7])('%i teams at a time come to the same', async (concurrency) => {
  await stage.breakTeams(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const path = await stage.plan({ asOf: Date.parse('2026-11-01T00:00:00Z') });
  const report = await stage.apply(path, { concurrency, maxAgeMs: Number.MAX_SAFE_INTEGER });
  expect(report.counts).toEqual({ applied: 9 });
  const next = await stage.plan();
  expect((await stage.summary(next)).teams.changed).toBe(0);
});

function keyOf(image: MongoImage): string {
  return `user_roles ${JSON.stringify({ id: image['_id'] })}`;
}

/** An image as Postgres writes a whole row. */
function compositeText(image: PostgresImage): string {
  const field = (text: string | null): string =>
    text === null ? '' : /[\s",()\\]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return `(${Object.values(image).map(field).join(',')})`;
}

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collectingSink } from './collecting-sink.js';
import { all, readBytes } from './reading.js';
import { decide, id, planOf, SAMPLE_REST, type SampleTeam } from './sample-plan.js';
import { openPlanWriter, type PlanRest } from '../../../src/files/plan/writer.js';
import type { LinkedRow, UserFacts } from '../../../src/model/facts.js';
import type { SerialId } from '../../../src/model/id.js';

const ROLES = ['admin', 'member', 'owner', 'viewer'];
const someRoles = fc.subarray(ROLES);

/** One user: whose roles stand where, and how the copies are linked. */
const person = fc.record({
  member: fc.boolean(),
  mongo: someRoles,
  postgres: someRoles,
  linked: fc.boolean(),
  /** Whether the copy that is missing is there, but inactive. */
  inactive: fc.boolean(),
});

interface RawTeam {
  readonly state: 'live' | 'deleted' | 'missing';
  readonly name: string | null;
  readonly owner: number;
  readonly people: readonly (typeof person extends fc.Arbitrary<infer Person> ? Person : never)[];
}

const teams = fc
  .array(
    fc.record<RawTeam>({
      state: fc.constantFrom('live', 'live', 'live', 'deleted', 'missing'),
      name: fc.option(fc.string({ unit: 'binary', maxLength: 20 })),
      owner: fc.integer({ min: -1, max: 4 }),
      people: fc.array(person, { maxLength: 4 }),
    }),
    { maxLength: 8 },
  )
  .map((raw) => raw.map(build));

function build({ state, name, owner, people }: RawTeam, index: number): SampleTeam {
  const inactiveMongo: LinkedRow<string>[] = [];
  const inactivePostgres: (LinkedRow<SerialId> & { readonly mongoId: string })[] = [];
  const teamId = id('a', 100 + index);
  const users = people.map(({ member, mongo, postgres, linked, inactive }, place): UserFacts => {
    const user = id('b', place);
    const number = (role: string): number => (index * 10 + place) * 10 + 1 + ROLES.indexOf(role);
    const link = (role: string): string => id('d', number(role));
    for (const role of inactive ? ROLES : []) {
      const whose = { user, team: teamId, role, scope: 'TEAM', active: false };
      if (!mongo.includes(role)) inactiveMongo.push({ id: link(role), ...whose });
      if (!postgres.includes(role))
        inactivePostgres.push({ id: number(role), mongoId: link(role), ...whose });
    }
    const active = true;
    const rows = {
      mongo: mongo.map((role) => ({ id: link(role), role, active })),
      postgres: postgres.map((role) => ({
        id: number(role),
        mongoId: linked ? link(role) : null,
        role,
        active,
      })),
    };
    return { user, member, rows, malformed: [] };
  });
  const missing = state === 'missing';
  const createdBy = missing || owner < 0 ? null : id('b', owner);
  const team = { id: teamId, name: missing ? null : name, state, createdBy };
  return { team, users, inactiveMongo, inactivePostgres };
}

const restFor = (samples: readonly SampleTeam[]): PlanRest => ({ ...SAMPLE_REST, scanned: samples.length });

const always = (check: (samples: SampleTeam[]) => Promise<void>): Promise<void> =>
  fc.assert(fc.asyncProperty(teams, check), { numRuns: 150 });

describe('what is written', () => {
  test('is read as it was decided', async () => {
    await always(async (samples) => {
      const plan = await readBytes(await planOf(samples, [], restFor(samples)));
      const decided = samples.flatMap((sample) => decide(sample).planned ?? []);
      const shown = decided.map(({ team, decisions }) => ({ id: team.id, decisions }));
      const read = (await all(plan.teams())).map(({ team, decisions }) => ({ id: team.id, decisions }));
      expect(read.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(shown);
      await plan.close();
    });
  });

  test('has the same bytes and digest when what was read is written again', async () => {
    await always(async (samples) => {
      const bytes = await planOf(samples, [], restFor(samples));
      const plan = await readBytes(bytes);
      const writer = await openPlanWriter();
      // Backwards, for the order in which findings and blocks come must not matter.
      for (const finding of (await all(plan.findings())).reverse()) await writer.finding(finding);
      for (const block of (await all(plan.blocked())).reverse()) await writer.block(block);
      const inIdOrder = (await all(plan.teams())).sort((a, b) => (a.team.id < b.team.id ? -1 : 1));
      for (const team of inIdOrder) {
        await writer.team({ ...team, holders: team.team.people?.before ?? 0 });
      }
      const { summary, ...header } = plan.header;
      const { sink, written } = collectingSink();
      const { scanned } = summary.teams;
      const result = await writer.finish(
        { header, scanned, activeRoles: summary.activeRoles, doubts: [] },
        sink,
      );
      expect(written().toString()).toBe(bytes.toString());
      expect(result).toEqual({ digest: plan.digest, summary });
      await plan.close();
    });
  });
});

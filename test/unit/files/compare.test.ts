import { describe, expect, onTestFinished, test } from 'vitest';
import { comparePlans, type PlanDifference } from '../../../src/files/plan/compare.js';
import type { PlanRest } from '../../../src/files/plan/writer.js';
import type { Finding } from '../../../src/model/finding.js';
import { all, readBytes } from './reading.js';
import {
  id,
  live,
  mongoRow,
  planOf,
  SAMPLE_REST,
  SAMPLE_TEAMS,
  user,
  type SampleTeam,
} from './sample-plan.js';

interface Sample {
  readonly teams?: readonly SampleTeam[];
  readonly findings?: readonly Finding[];
  readonly rest?: PlanRest;
}

async function compare(old: Sample, fresh: Sample): Promise<PlanDifference[]> {
  const open = async ({ teams = SAMPLE_TEAMS, findings = [], rest = SAMPLE_REST }: Sample) =>
    readBytes(await planOf(teams, findings, rest));
  const plans = [await open(old), await open(fresh)] as const;
  onTestFinished(() => Promise.all(plans.map((plan) => plan.close())).then(() => undefined));
  return all(comparePlans(...plans));
}

/** All but the header, whose summary differs whenever anything does. */
const below = (differences: readonly PlanDifference[]): PlanDifference[] =>
  differences.filter(({ kind }) => kind !== 'header');

const member = (...rows: Parameters<typeof mongoRow>[]): SampleTeam => ({
  team: live(10, 1),
  users: [user(2, true, { mongo: rows.map((row) => mongoRow(...row)) }), user(1, true)],
});

describe('two plans', () => {
  test('differ in teams that appeared or disappeared, also from existing to missing', async () => {
    const holder = [user(4, false, { mongo: [mongoRow(5, 'owner')] })];
    const existing = { team: live(12, 4), users: holder };
    const team = { id: id('a', 12), name: null, state: 'missing', createdBy: null } as const;
    const differences = below(
      await compare({ teams: [existing] }, { teams: [{ team, users: holder }] }),
    ).filter(({ kind }) => kind === 'team');
    expect(differences).toMatchObject([
      { change: 'disappeared', team: { team: { state: 'live' } } },
      { change: 'appeared', team: { team: { state: 'missing' } } },
    ]);
  });

  test('differ in what is decided about a user, told by row and not by place', async () => {
    const old = member([1, 'admin'], [2, 'viewer']);
    const fresh = member([2, 'viewer']);
    const [difference, ...others] = below(await compare({ teams: [old] }, { teams: [fresh] }));
    expect(others).toEqual([]);
    if (difference?.kind !== 'decision-changed') throw new Error('no changed decision was reported');
    expect(difference.diff).toMatchObject({
      observed: { mongo: { [`row ${id('d', 1)}__deleted`]: { role: 'admin' } } },
      changes: { [`delete mongo admin ${id('d', 1)}__deleted`]: { op: 'delete' } },
    });
    expect(JSON.stringify(difference.diff)).not.toContain('viewer');
  });

  test('differ in the header, a filter by its teams', async () => {
    const filter = { teams: null, excludeTeams: [id('a', 8)], shard: null };
    const header = { ...SAMPLE_REST.header, tool: 'fix-roles/1.0.1', filter };
    const excludeTeams = { [`team ${id('a', 7)}__deleted`]: 'named' };
    expect(await compare({}, { rest: { ...SAMPLE_REST, header } })).toEqual([
      { kind: 'header', field: 'tool', diff: { __old: 'fix-roles/1.0.0', __new: 'fix-roles/1.0.1' } },
      { kind: 'header', field: 'filter', diff: { excludeTeams } },
    ]);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { draftTeam, settleTeam } from '../../../src/decide/team.js';
import type { DerivedChange } from '../../../src/model/change.js';
import type { Block, Finding } from '../../../src/model/finding.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import { factsOf, linksOf } from '../../model/facts.js';
import {
  applyChanges,
  expectedPlan,
  type ExpectedChange,
  type ExpectedPlan,
  type World,
} from '../../model/rules.js';
import { addressOf, doubles, lineOfExpected } from '../../model/told.js';
import { idOf, readId } from '../../model/world.js';
import { arbitraryPolicy, arbitraryWorld, WORLD_AS_OF } from '../../model/worlds.js';

/** What src/decide makes of a world, team by team. */
function decideWorld(world: World, policy: Policy) {
  const links = linksOf(world);
  return factsOf(world, policy).map((facts) => {
    const draft = draftTeam(facts, { policy, asOf: WORLD_AS_OF });
    const { decisions, blocked } = settleTeam(draft, links);
    return { team: facts.team.id, decisions, blocked, findings: draft.findings };
  });
}

type Decided = ReturnType<typeof decideWorld>;

/** One line per decision, change, finding and block, in code unit order; changes keep their order. */
function linesOfCode(decided: Decided): string[] {
  return decided
    .flatMap(({ team, decisions, blocked, findings }) => [
      ...decisions.map(({ user, standing, member, observed, changes }) =>
        JSON.stringify({ team, user, standing, member, observed, changes: changes.map(lineOfChange) }),
      ),
      ...blocked.map((block) => lineOf('blocked', block)),
      ...findings.map((finding) => lineOf('finding', finding)),
    ])
    .sort();
}

function linesOfModel(expected: ExpectedPlan): string[] {
  return [
    ...expected.decisions.map(({ team, user, standing, member, observed, changes }) =>
      JSON.stringify({
        team,
        user,
        standing,
        member,
        observed: {
          mongo: observed.mongo.map((row) => ({
            id: idOf(row),
            role: row['role_name'],
            active: row['is_active'] === true,
          })),
          postgres: observed.postgres.map((row) => ({
            id: row.id,
            mongoId: row.mongo_id,
            role: row.role_name,
            active: row.is_active,
          })),
        },
        changes: [...changes].sort(inPlanOrder).map(lineOfExpected),
      }),
    ),
    ...expected.blocked.map((block) => lineOf('blocked', block)),
    // What names no readable team never gets to the rules: it is no team's fact.
    ...expected.findings
      .filter((finding) => finding.team !== null)
      .map((finding) => lineOf('finding', finding)),
  ].sort();
}

function lineOf(kind: string, { code, team, user }: Finding | Block): string {
  return [kind, code, team, user].join(' ');
}

function lineOfChange(change: DerivedChange): string {
  const address = change.op === 'insert' ? change.link : change.id;
  return [change.store, change.op, change.role, address, change.rule].join(' ');
}

/** Section 5: "changes by store, op, role, then row id (…; Postgres ids as numbers)". */
function inPlanOrder(a: ExpectedChange, b: ExpectedChange): number {
  const [left, right] = [a, b].map((change) => `${change.store}\0${change.op}\0${change.role}`);
  if (left !== right) return String(left) < String(right) ? -1 : 1;
  const [first, second] = [addressOf(a), addressOf(b)];
  if (typeof first === 'number' && typeof second === 'number') return first - second;
  return String(first) < String(second) ? -1 : 1;
}

describe.each([
  { name: 'worlds that the indexes of Postgres allow', options: {} },
  { name: 'worlds without unique indexes', options: { postgresIndexes: 'absent' } as const },
])('the rules on random $name', ({ options }) => {
  const world = arbitraryWorld(options);
  const always = (check: (given: World, policy: Policy) => void, numRuns = 500): void => {
    fc.assert(fc.property(world, arbitraryPolicy(), check), { numRuns });
  };

  it('derive what the text of section 4 says', () => {
    always((given, policy) => {
      const expected = linesOfModel(expectedPlan(given, policy, WORLD_AS_OF));
      expect(linesOfCode(decideWorld(given, policy))).toEqual(expected);
    }, 3_000);
  });

  it('leave nothing to do for anybody who was not blocked, once their changes are applied', () => {
    always((given, policy) => {
      const before = decideWorld(given, policy);
      const after = decideWorld(applied(given, policy, before), policy);
      // A removal can free the id that stood in the way of somebody who was blocked.
      const wasBlocked = before.flatMap((team) => team.blocked).map(concernOf);
      const isBlocked = after.flatMap((team) => team.blocked).map(concernOf);
      const isDecided = after.flatMap(({ team, decisions }) =>
        decisions.map(({ user }) => concernOf({ team, user })),
      );
      expect([...isBlocked, ...isDecided].filter((concern) => !wasBlocked.includes(concern))).toEqual([]);
    });
  });

  it('change nothing but the rows of the users who have a decision, in the team that it concerns', () => {
    always((given, policy) => {
      const decided = decideWorld(given, policy);
      const after = applied(given, policy, decided);
      const concerned = new Set(
        decided.flatMap(({ team, decisions }) => decisions.map(({ user }) => `${team} ${user} TEAM`)),
      );
      const others = (rows: World['roles'] | World['rows']): unknown[] =>
        rows.filter(
          (row) =>
            !concerned.has(`${readId(row['team_id'])} ${readId(row['user_id'])} ${String(row['scope'])}`),
        );
      expect(others(after.roles)).toEqual(others(given.roles));
      expect(others(after.rows)).toEqual(others(given.rows));
      expect([after.teams, after.memberships]).toEqual([given.teams, given.memberships]);
    });
  });

  it('make no active role double that was not', () => {
    always((given, policy) => {
      const after = applied(given, policy, decideWorld(given, policy));
      const before = doubles(given);
      expect(doubles(after).filter((double) => !before.includes(double))).toEqual([]);
    });
  });

  it('say the same whatever the order of rows, and the same again', () => {
    const shuffled = fc.tuple(world, fc.infiniteStream(fc.nat())).map(([given, keys]) => {
      const shuffle = <Row>(rows: readonly Row[]): Row[] =>
        rows
          .map((row) => ({ row, key: Number(keys.next().value) }))
          .sort((a, b) => a.key - b.key)
          .map(({ row }) => row);
      const [teams, memberships] = [shuffle(given.teams), shuffle(given.memberships)];
      return { given, other: { teams, memberships, roles: shuffle(given.roles), rows: shuffle(given.rows) } };
    });
    fc.assert(
      fc.property(shuffled, arbitraryPolicy(), ({ given, other }, policy) => {
        expect(linesOfCode(decideWorld(other, policy))).toEqual(linesOfCode(decideWorld(given, policy)));
        expect(decideWorld(given, policy)).toEqual(decideWorld(given, policy));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the random worlds', () => {
  it('reach every rule in every store, every finding and every block', () => {
    const seen = new Set<string>();
    const samples = fc.sample(fc.tuple(arbitraryWorld(), arbitraryPolicy()), { numRuns: 3_000, seed: 1 });
    for (const [world, policy] of samples) {
      const { decisions, findings, blocked } = expectedPlan(world, policy, WORLD_AS_OF);
      for (const { op, store, rule } of decisions.flatMap((decision) => decision.changes))
        seen.add(`${store} ${op} ${rule}`);
      for (const { code } of findings) seen.add(`finding ${code}`);
      for (const { code } of blocked) seen.add(`blocked ${code}`);
    }
    expect([...seen].sort()).toEqual(EVERY_OUTCOME);
  });

  it('need every kind of change under the default policy', () => {
    const seen = new Set<string>();
    for (const world of fc.sample(arbitraryWorld(), { numRuns: 3_000, seed: 1 })) {
      const { decisions } = expectedPlan(world, DEFAULT_POLICY, WORLD_AS_OF);
      for (const { op, store } of decisions.flatMap((decision) => decision.changes))
        seen.add(`${store} ${op}`);
    }
    const ops = ['deactivate', 'delete', 'insert', 'reactivate'];
    const everyKind = ['mongo', 'postgres'].flatMap((store) => ops.map((op) => `${store} ${op}`));
    expect([...seen].sort()).toEqual(everyKind);
  });
});

const EVERY_OUTCOME = [
  ...['link-conflict', 'malformed-membership', 'malformed-row', 'team-without-owner'].map(
    (code) => `blocked ${code}`,
  ),
  ...[
    'deleted-team-holds-roles',
    'duplicate-active-role',
    'exempt',
    'malformed-membership',
    'malformed-row',
    'missing-team',
    'odd-membership',
    'odd-team-state',
    'owner-without-membership',
    'unknown-role',
    'unlinked-row',
  ].map((code) => `finding ${code}`),
  ...['mongo', 'postgres'].flatMap((store) => [
    ...['deleted-team-holds', 'member-extra', 'missing-team-holds', 'outsider-holds'].flatMap((rule) =>
      ['deactivate', 'delete'].map((op) => `${store} ${op} ${rule}`),
    ),
    ...['member-wants', 'owner-wants'].flatMap((rule) =>
      ['insert', 'reactivate'].map((op) => `${store} ${op} ${rule}`),
    ),
  ]),
].sort();

/**
 * The world after the changes that src/decide derives. They say which row is changed and how; what it becomes says the
 * model, so a change that the model does not know cannot be applied.
 */
function applied(world: World, policy: Policy, decided: Decided): World {
  const known = new Map(
    expectedPlan(world, policy, WORLD_AS_OF).decisions.flatMap(({ team, user, changes }) =>
      changes.map((change) => [[team, user, lineOfExpected(change)].join(' '), change] as const),
    ),
  );
  const changes = decided.flatMap(({ team, decisions }) =>
    decisions.flatMap(({ user, changes }) =>
      changes.map((change) => {
        const line = [team, user, lineOfChange(change)].join(' ');
        const found = known.get(line);
        if (found === undefined) throw new Error(`the model does not expect: ${line}`);
        return found;
      }),
    ),
  );
  return applyChanges(world, changes);
}

function concernOf({ team, user }: { team: string | null; user: string | null }): string {
  return [team, user].join(' ');
}

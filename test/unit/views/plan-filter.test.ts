import { describe, expect, it } from 'vitest';
import {
  conditionWords,
  filteredPlan,
  filterWords,
  NO_FILTER,
  wholeTally,
  type FilteredPlan,
  type PlanFilter,
} from '../../../src/views/plan/plan-filter.js';
import { visibleText } from '../../../src/views/safe-text.js';
import { failureOf } from '../files/reading.js';
import { alters, decision, id, inserts, shownPlan, team } from './sample-plan.js';

const ONE = id('7', 1);
const TWO = id('7', 2);
const ANN = id('a', 1);
const BOB = id('a', 2);

const plan = shownPlan({
  teams: [
    team(ONE, 'One', [
      decision(ANN, 'member', [
        ...inserts([ONE, ANN, 'member', 'member-wants'], id('e', 1)),
        ...alters('delete', [ONE, ANN, 'admin', 'member-extra'], id('d', 1), 1),
      ]),
      decision(BOB, 'outsider', alters('deactivate', [ONE, BOB, 'admin', 'outsider-holds'], id('d', 2), 2)),
    ]),
    team(TWO, 'Two', [decision(ANN, 'owner', inserts([TWO, ANN, 'owner', 'owner-wants'], id('e', 2)))]),
  ],
  findings: [
    { code: 'unlinked-row', team: ONE, user: ANN },
    { code: 'malformed-row', team: null, user: null },
  ],
  blocked: [{ code: 'link-conflict', team: TWO, user: BOB }],
});

/** What a filter leaves, as `team user op store`. */
async function left(filter: Partial<PlanFilter>): Promise<string[]> {
  const { plan: part } = await filteredPlan(plan, { ...NO_FILTER, ...filter });
  const names = new Map([
    [ONE, 'one'],
    [TWO, 'two'],
    [ANN, 'ann'],
    [BOB, 'bob'],
  ]);
  const rows = [];
  for await (const { team: head, decisions } of part.teams()) {
    expect(decisions.length).toBeGreaterThan(0);
    for (const { user, changes } of decisions) {
      expect(changes.length).toBeGreaterThan(0);
      for (const { op, store } of changes)
        rows.push([names.get(head.id), names.get(user), op, store].join(' '));
    }
  }
  return rows;
}

describe('filteredPlan', () => {
  it.each<[string, Partial<PlanFilter>, string[]]>([
    ['a team', { teams: [TWO] }, ['two ann insert mongo', 'two ann insert postgres']],
    ['a user', { users: [BOB] }, ['one bob deactivate mongo', 'one bob deactivate postgres']],
    ['an operation', { ops: ['delete'] }, ['one ann delete mongo', 'one ann delete postgres']],
    [
      'a store and two operations',
      { stores: ['mongo'], ops: ['delete', 'insert'] },
      ['one ann insert mongo', 'one ann delete mongo', 'two ann insert mongo'],
    ],
    [
      'removals in one store',
      { removals: 'only', stores: ['postgres'] },
      ['one ann delete postgres', 'one bob deactivate postgres'],
    ],
    ['a role', { roles: ['owner'] }, ['two ann insert mongo', 'two ann insert postgres']],
    ['a role that is written otherwise', { roles: ['Owner'] }, []],
    ['a rule', { rules: ['member-extra'] }, ['one ann delete mongo', 'one ann delete postgres']],
    [
      'two standings in one store',
      { standings: ['outsider', 'owner'], stores: ['mongo'] },
      ['one bob deactivate mongo', 'two ann insert mongo'],
    ],
    ['a role by a rule that does not demand it', { roles: ['owner'], rules: ['member-wants'] }, []],
    ['a team by its name', { teams: ['TWO'] }, ['two ann insert mongo', 'two ann insert postgres']],
    ['a team by id and name', { teams: ['two', TWO] }, ['two ann insert mongo', 'two ann insert postgres']],
    ['removals among inserts', { removals: 'only', ops: ['insert'] }, []],
    ['a user who is not in the team', { teams: [TWO], users: [BOB] }, []],
  ])('leaves what concerns %s', async (_what, filter, expected) => {
    expect(await left(filter)).toEqual(expected);
  });

  it.each<[string, Partial<PlanFilter>, string]>([
    ['an unknown id', { teams: [id('7', 3)] }, `there is no team ${id('7', 3)} in it`],
    ['an unknown name', { teams: [ONE, 'Thre'] }, 'there is no team Thre in it'],
    [
      'all unknown ones',
      { teams: ['x'], users: ['y', BOB, 'z'] },
      'there is no team x, user y and user z in it',
    ],
    ['a user named as a team', { teams: [BOB] }, `there is no team ${BOB} in it`],
    ['an id that differs in capitals', { users: [ANN.toUpperCase()] }, `no user ${ANN.toUpperCase()} in`],
  ])('is refused %s, and names it', async (_what, filter, problem) => {
    const failure = await failureOf(filteredPlan(plan, { ...NO_FILTER, ...filter }));
    expect([failure.kind, failure.text.problem]).toEqual(['operational', expect.stringContaining(problem)]);
  });

  it('finds teams and users that only a finding or a blocked entry names', async () => {
    const concerned = shownPlan({
      findings: [{ code: 'unlinked-row', team: ONE, user: null }],
      blocked: [{ code: 'link-conflict', team: TWO, user: BOB }],
    });
    const filter = { ...NO_FILTER, teams: [ONE, TWO], users: [BOB] };
    const { plan: part } = await filteredPlan(concerned, filter);
    expect(await codes(part.blocked())).toEqual(['link-conflict']);
  });

  it('finds a user by the name that a plan has beside the id, and everybody of that name', async () => {
    const where = [ONE, BOB, 'admin', 'outsider-holds'] as const;
    const named = (user: string, name: string) => ({
      ...decision(user, 'outsider', alters('deactivate', where, id('d', 2), 2)),
      name,
    });
    const people = shownPlan({
      teams: [team(ONE, 'One', [named(ANN, 'Zoë'), named(BOB, 'Bob'), named(id('a', 3), 'ZOE\u0308')])],
    });
    const { part } = await filteredPlan(people, { ...NO_FILTER, users: ['zoë'] });
    expect(part?.filter.users).toEqual([ANN, id('a', 3)]);
  });

  it('counts what it leaves, and what there is', async () => {
    const { part } = await filteredPlan(plan, { ...NO_FILTER, ops: ['insert'] });
    expect(part).toMatchObject({
      shown: { teams: 2, users: 2, changes: 4 },
      all: { teams: 2, users: 3, changes: 8 },
    });
  });

  it('leaves a plan whole where nothing is asked for', async () => {
    const whole = await filteredPlan(plan, NO_FILTER);
    expect(whole).toEqual({ plan, whole: plan, part: null });
    expect(wholeTally(plan)).toEqual({ teams: 2, users: 3, changes: 8 });
  });

  it.each<[Partial<PlanFilter>, string[], string[]]>([
    [{ teams: [ONE] }, ['unlinked-row'], []],
    [{ users: [BOB] }, [], ['link-conflict']],
    [{ ops: ['delete'] }, ['unlinked-row', 'malformed-row'], ['link-conflict']],
  ])('filters findings and blocked entries by team and user: %j', async (filter, findings, blocked) => {
    const { plan: part } = await filteredPlan(plan, { ...NO_FILTER, ...filter });
    expect(await codes(part.findings())).toEqual(findings);
    expect(await codes(part.blocked())).toEqual(blocked);
  });
});

describe('filterWords', () => {
  it('names every condition, with ids as the place asks for', async () => {
    const words = filterWords(
      await asPart({ ...NO_FILTER, teams: [ONE], ops: ['delete', 'insert'], stores: ['postgres'] }),
      (text) => `<${text}>`,
    );
    expect(words).toContain(`only team <${ONE}>; only operation delete and insert; only store PostgreSQL`);
    expect(words).toContain('2 of 8 changes, for 1 of 3 users in 1 of 2 teams, shown.');
  });

  it('says which role, rule and standing', () => {
    const filter = { ...NO_FILTER, roles: ['admin'], rules: ['undo'], standings: ['member'] } as const;
    expect(conditionWords(filter, (text) => `<${text}>`)).toBe(
      'only role <admin>; only rule undo; only standing member (active member)',
    );
  });

  it('names every id whole, as terminals show it', () => {
    const words = conditionWords({ ...NO_FILTER, teams: [ONE, TWO] }, visibleText);
    expect(words).toBe(`only team ${ONE} and ${TWO}`);
  });

  it('does not list hundreds of ids', async () => {
    const users = Array.from({ length: 300 }, (_, n) => id('b', n));
    const { part } = await filteredPlan(plan, { ...NO_FILTER, ops: ['delete'] });
    if (part === null) throw new Error('the filter left everything');
    const words = filterWords({ ...part, filter: { ...NO_FILTER, users } }, (text) => text);
    expect(words).toContain('and 295 others');
    expect(words.length).toBeLessThan(500);
  });
});

async function asPart(filter: PlanFilter): Promise<NonNullable<FilteredPlan['part']>> {
  const { part } = await filteredPlan(plan, filter);
  if (part === null) throw new Error('the filter left everything');
  return part;
}

async function codes(concerns: AsyncIterable<{ readonly code: string }>): Promise<string[]> {
  const found = [];
  for await (const { code } of concerns) found.push(code);
  return found;
}

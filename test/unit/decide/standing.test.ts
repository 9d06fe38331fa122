import { describe, expect, it } from 'vitest';
import {
  ANN,
  BOB,
  SETTLED_CREATOR,
  CREATOR,
  decide,
  hex,
  holder,
  ODD,
  TEAM,
  type GivenTeam,
} from './given-team.js';

/** What an outsider who holds `member` in both stores comes to. */
function deactivated(rule: string): string[] {
  return [`mongo deactivate member ${hex('a1')} ${rule}`, `postgres deactivate member 1 ${rule}`];
}

describe('a live team', () => {
  it('has its creator as owner, with a membership', () => {
    const { changes, standings } = decide({ users: [{ user: CREATOR, member: true }] });
    expect(standings).toEqual({ [CREATOR]: 'owner' });
    expect(changes[CREATOR]?.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'mongo insert admin',
      'mongo insert member',
      'mongo insert owner',
      'postgres insert admin',
      'postgres insert member',
      'postgres insert owner',
    ]);
  });

  it('has its creator as owner, without a membership or any row', () => {
    const { changes, standings } = decide({ users: [] });
    expect(standings).toEqual({ [CREATOR]: 'owner' });
    expect(changes[CREATOR]).toHaveLength(6);
  });

  it('decides its creator once, wherever among the users he stands', () => {
    const ann = holder(ANN, ['member']);
    for (const users of [
      [SETTLED_CREATOR, ann],
      [ann, SETTLED_CREATOR],
    ]) {
      expect(decide({ users }).changes).toEqual({});
    }
  });

  it('has whoever has an active membership, but is not the owner, as member', () => {
    const { changes, standings } = decide({ users: [SETTLED_CREATOR, { user: ANN, member: true }] });
    expect(standings).toEqual({ [ANN]: 'member' });
    expect(changes[ANN]?.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'mongo insert member',
      'postgres insert member',
    ]);
  });

  it('has whoever holds an active row in either store without a membership as outsider', () => {
    const { mongo = [], postgres = [] } = holder(ANN, ['member']);
    const { changes, standings } = decide({
      users: [SETTLED_CREATOR, { user: ANN, mongo }, { user: BOB, postgres }],
    });
    expect(standings).toEqual({ [ANN]: 'outsider', [BOB]: 'outsider' });
    expect(changes).toEqual({
      [ANN]: [`mongo deactivate member ${hex('a1')} outsider-holds`],
      [BOB]: ['postgres deactivate member 1 outsider-holds'],
    });
  });

  it('wants nothing of somebody without membership and rows', () => {
    expect(decide({ users: [SETTLED_CREATOR, { user: ANN }] }).changes).toEqual({});
  });
});

describe('deleted and missing teams', () => {
  const users = [holder(CREATOR, ['member']), holder(ANN, ['member'])];
  const everyHolder = (rule: string) => ({ [CREATOR]: deactivated(rule), [ANN]: deactivated(rule) });

  it.each<{ name: string; given: GivenTeam; changes: Record<string, string[]>; codes: string[] }>([
    {
      name: 'a deleted team is left alone by default',
      given: { state: 'deleted', users },
      changes: {},
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'deletedTeams skip: left alone, also without a usable creator or with an illegible membership',
      given: {
        state: 'deleted',
        users,
        createdBy: null,
        membershipsWithoutUser: [ODD],
        policy: { deletedTeams: 'skip' },
      },
      changes: {},
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'deletedTeams deactivate: every holder is an outsider, creator and members included',
      given: { state: 'deleted', users, policy: { deletedTeams: 'deactivate' } },
      changes: everyHolder('deleted-team-holds'),
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'deletedTeams deactivate needs no usable creator',
      given: { state: 'deleted', users, createdBy: null, policy: { deletedTeams: 'deactivate' } },
      changes: everyHolder('deleted-team-holds'),
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'deletedTeams repair: as if live',
      given: {
        state: 'deleted',
        users: [SETTLED_CREATOR, holder(ANN, ['member', 'admin'])],
        policy: { deletedTeams: 'repair' },
      },
      changes: {
        [ANN]: [`mongo delete admin ${hex('a2')} member-extra`, 'postgres delete admin 2 member-extra'],
      },
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'deletedTeams repair: an outsider of a deleted team is told apart from one of a live team',
      given: {
        state: 'deleted',
        users: [SETTLED_CREATOR, holder(ANN, ['member'], false)],
        policy: { deletedTeams: 'repair' },
      },
      changes: { [ANN]: deactivated('deleted-team-holds') },
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'the policy for missing teams does not concern deleted ones',
      given: { state: 'deleted', users, policy: { deletedTeams: 'deactivate', missingTeams: 'skip' } },
      changes: everyHolder('deleted-team-holds'),
      codes: ['deleted-team-holds-roles'],
    },
    {
      name: 'a missing team has every holder as outsider by default',
      given: { state: 'missing', createdBy: null, users },
      changes: everyHolder('missing-team-holds'),
      codes: ['missing-team'],
    },
    {
      name: 'missingTeams skip: left alone',
      given: { state: 'missing', createdBy: null, users, policy: { missingTeams: 'skip' } },
      changes: {},
      codes: ['missing-team'],
    },
    {
      name: 'the policy for deleted teams does not concern missing ones',
      given: { state: 'missing', createdBy: null, users, policy: { deletedTeams: 'repair' } },
      changes: everyHolder('missing-team-holds'),
      codes: ['missing-team'],
    },
    {
      name: 'neither policy concerns a live team',
      given: {
        users: [SETTLED_CREATOR, holder(ANN, ['member', 'admin'])],
        policy: { deletedTeams: 'deactivate', missingTeams: 'skip' },
      },
      changes: {
        [ANN]: [`mongo delete admin ${hex('a2')} member-extra`, 'postgres delete admin 2 member-extra'],
      },
      codes: [],
    },
    {
      name: 'a deleted team that nobody holds a role in is not worth a word',
      given: { state: 'deleted', users: [{ user: ANN, member: true }] },
      changes: {},
      codes: [],
    },
  ])('$name', ({ given, changes, codes }) => {
    const outcome = decide(given);
    expect(outcome.changes).toEqual(changes);
    expect(outcome.blocked).toEqual([]);
    expect(outcome.findings).toEqual(codes.map((code) => ({ code, team: TEAM, user: null })));
  });

  it.each([
    { outsiders: 'deactivate', op: 'deactivate' },
    { outsiders: 'delete', op: 'delete' },
    { outsiders: 'keep', op: null },
  ] as const)('under `deactivate` the policy outsiders = $outsiders decides', ({ outsiders, op }) => {
    for (const [state, rule] of [
      ['deleted', 'deleted-team-holds'],
      ['missing', 'missing-team-holds'],
    ] as const) {
      const { changes } = decide({
        state,
        users: [holder(ANN, ['member'])],
        policy: { deletedTeams: 'deactivate', missingTeams: 'deactivate', outsiders },
      });
      const lines = [`mongo ${op} member ${hex('a1')} ${rule}`, `postgres ${op} member 1 ${rule}`];
      expect(changes).toEqual(op === null ? {} : { [ANN]: lines });
    }
  });

  it('gives nobody a role in a team without memberships that count', () => {
    for (const state of ['deleted', 'missing'] as const) {
      const { changes } = decide({
        state,
        users: [
          { user: CREATOR, member: true },
          { user: ANN, member: true },
        ],
        policy: { deletedTeams: 'deactivate' },
      });
      expect(changes).toEqual({});
    }
  });
});

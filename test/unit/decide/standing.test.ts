import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/model/policy.js';
import {
  ANN,
  BOB,
  SETTLED_CREATOR,
  CREATOR,
  decide,
  hex,
  holder,
  inBoth,
  ODD,
  TEAM,
  type GivenTeam,
} from './given-team.js';

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
    expect(decide({ users: [SETTLED_CREATOR, ann] }).changes).toEqual({});
    expect(decide({ users: [ann, SETTLED_CREATOR] }).changes).toEqual({});
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
    const users = [SETTLED_CREATOR, { user: ANN, mongo }, { user: BOB, postgres }];
    const { changes, standings } = decide({ users });
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
  const deactivated = (rule: string) => inBoth('deactivate', { member: 1 }, rule);
  const everyHolder = (rule: string) => ({ [CREATOR]: deactivated(rule), [ANN]: deactivated(rule) });
  const deleted = { state: 'deleted', users } as const;
  const missing = { state: 'missing', createdBy: null, users } as const;
  const withExtra = [SETTLED_CREATOR, holder(ANN, ['member', 'admin'])];
  const annsExtra = { [ANN]: inBoth('delete', { admin: 2 }, 'member-extra') };
  const deactivate = { deletedTeams: 'deactivate' } as const;
  const repair = { deletedTeams: 'repair' } as const;
  const HOLDS = ['deleted-team-holds-roles'];

  it.each<[string, GivenTeam, Record<string, string[]>, string[]]>([
    ['a deleted team is left alone by default', deleted, {}, HOLDS],
    [
      'deletedTeams skip: left alone, also without a usable creator or with an illegible membership',
      { ...deleted, createdBy: null, membershipsWithoutUser: [ODD], policy: { deletedTeams: 'skip' } },
      {},
      HOLDS,
    ],
    [
      'deletedTeams deactivate: every holder is an outsider, creator and members included',
      { ...deleted, policy: deactivate },
      everyHolder('deleted-team-holds'),
      HOLDS,
    ],
    [
      'deletedTeams deactivate needs no usable creator',
      { ...deleted, createdBy: null, policy: deactivate },
      everyHolder('deleted-team-holds'),
      HOLDS,
    ],
    ['deletedTeams repair: as if live', { ...deleted, users: withExtra, policy: repair }, annsExtra, HOLDS],
    [
      'deletedTeams repair: an outsider of a deleted team is told apart from one of a live team',
      { ...deleted, users: [SETTLED_CREATOR, holder(ANN, ['member'], false)], policy: repair },
      { [ANN]: deactivated('deleted-team-holds') },
      HOLDS,
    ],
    [
      'the policy for missing teams does not concern deleted ones',
      { ...deleted, policy: { ...deactivate, missingTeams: 'skip' } },
      everyHolder('deleted-team-holds'),
      HOLDS,
    ],
    [
      'a missing team has every holder as outsider by default',
      missing,
      everyHolder('missing-team-holds'),
      ['missing-team'],
    ],
    ['missingTeams skip: left alone', { ...missing, policy: { missingTeams: 'skip' } }, {}, ['missing-team']],
    [
      'the policy for deleted teams does not concern missing ones',
      { ...missing, policy: repair },
      everyHolder('missing-team-holds'),
      ['missing-team'],
    ],
    [
      'neither policy concerns a live team',
      { users: withExtra, policy: { ...deactivate, missingTeams: 'skip' } },
      annsExtra,
      [],
    ],
    [
      'a deleted team that nobody holds a role in is not worth a word',
      { ...deleted, users: [{ user: ANN, member: true }] },
      {},
      [],
    ],
  ])('%s', (_, given, changes, codes) => {
    const outcome = decide(given);
    expect(outcome.changes).toEqual(changes);
    expect(outcome.blocked).toEqual([]);
    expect(outcome.findings).toEqual(codes.map((code) => ({ code, team: TEAM, user: null })));
  });

  it.each([
    ['deleted', 'deleted-team-holds'],
    ['missing', 'missing-team-holds'],
  ] as const)('a %s team under `deactivate` goes by the policy for outsiders', (state, rule) => {
    const annsChanges = (outsiders: Policy['outsiders']) =>
      decide({
        state,
        users: [holder(ANN, ['member'])],
        policy: { deletedTeams: 'deactivate', missingTeams: 'deactivate', outsiders },
      }).changes;
    expect(annsChanges('deactivate')).toEqual({ [ANN]: inBoth('deactivate', { member: 1 }, rule) });
    expect(annsChanges('delete')).toEqual({ [ANN]: inBoth('delete', { member: 1 }, rule) });
    expect(annsChanges('keep')).toEqual({});
  });

  it('gives nobody a role in a team without memberships that count', () => {
    const members = [CREATOR, ANN].map((user) => ({ user, member: true }));
    for (const state of ['deleted', 'missing'] as const)
      expect(decide({ state, users: members, policy: deactivate }).changes).toEqual({});
  });
});

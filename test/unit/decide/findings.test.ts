import { describe, expect, it } from 'vitest';
import type { FindingCode } from '../../../src/model/finding.js';
import {
  ANN,
  BOB,
  SETTLED_CREATOR,
  CREATOR,
  decide,
  holder,
  mongoRow,
  ODD,
  postgresRow,
  TEAM,
  type GivenTeam,
} from './given-team.js';

/** The findings as `code user`, in order. */
function findingsOf(given: GivenTeam): string[] {
  const { findings } = decide(given);
  for (const { team } of findings) expect(team).toBe(TEAM);
  return findings.map(({ code, user }) => `${code} ${user}`).sort();
}

function of(code: FindingCode, user: string | null): string {
  return `${code} ${user}`;
}

describe('owner-without-membership', () => {
  it('is said of a creator who is no member, with or without roles', () => {
    const expected = [of('owner-without-membership', CREATOR)];
    expect(findingsOf({ users: [] })).toEqual(expected);
    expect(findingsOf({ users: [{ ...SETTLED_CREATOR, member: false }] })).toEqual(expected);
  });

  it('is not said of a creator who is a member, nor of anybody else', () => {
    expect(findingsOf({ users: [SETTLED_CREATOR, holder(ANN, ['member'], false)] })).toEqual([]);
  });

  it.each(['deleted', 'missing'] as const)('is not said in a %s team, which has no owner', (state) => {
    const findings = findingsOf({
      state,
      users: [holder(CREATOR, ['owner'], false)],
      policy: { deletedTeams: 'deactivate' },
    });
    expect(findings).not.toContain(of('owner-without-membership', CREATOR));
  });

  it('grants by default, and under `skip` makes no decision for that user', () => {
    expect(Object.keys(decide({ users: [] }).changes)).toEqual([CREATOR]);
    const skip = { ownerWithoutMembership: 'skip' } as const;
    expect(decide({ users: [], policy: skip }).changes).toEqual({});
    expect(findingsOf({ users: [], policy: skip })).toEqual([of('owner-without-membership', CREATOR)]);
  });

  it('under `skip` spares neither a creator who is a member, nor anybody else', () => {
    const { changes } = decide({
      users: [{ user: CREATOR, member: true }, holder(ANN, ['member'], false), { user: BOB, member: true }],
      policy: { ownerWithoutMembership: 'skip' },
    });
    expect(Object.keys(changes)).toEqual([CREATOR, ANN, BOB]);
  });

  it('under `skip` does not look at links either: nothing to block, nothing unlinked', () => {
    const { changes, blocked, findings } = decide({
      users: [{ user: CREATOR, postgres: [postgresRow('owner', 1, null), postgresRow('admin', 2, 'a1')] }],
      linkedMongo: [
        { id: 'a1'.padStart(24, '0'), user: BOB, team: TEAM, role: 'admin', scope: 'TEAM', active: true },
      ],
      policy: { ownerWithoutMembership: 'skip' },
    });
    expect({ changes, blocked }).toEqual({ changes: {}, blocked: [] });
    expect(findings.map(({ code }) => code)).toEqual(['owner-without-membership']);
  });
});

describe('duplicate-active-role', () => {
  it.each([
    { name: 'in MongoDB', rows: { mongo: [mongoRow('member', 'a1'), mongoRow('member', 'a2')] } },
    {
      name: 'in Postgres',
      rows: { postgres: [postgresRow('member', 1, 'a1'), postgresRow('member', 2, 'a2')] },
    },
  ])('is said of a role held twice $name', ({ rows }) => {
    for (const member of [true, false]) {
      expect(findingsOf({ users: [SETTLED_CREATOR, { user: ANN, member, ...rows }] })).toEqual([
        of('duplicate-active-role', ANN),
      ]);
    }
  });

  it('is not said of one role in both stores, of two roles, or of the same role of two users', () => {
    const users = [SETTLED_CREATOR, holder(ANN, ['member', 'admin']), holder(BOB, ['member', 'admin'])];
    expect(findingsOf({ users })).toEqual([]);
  });

  it('is said once of a user with many duplicates in both stores', () => {
    const twice = holder(ANN, ['member', 'admin', 'member', 'admin', 'member']);
    expect(findingsOf({ users: [SETTLED_CREATOR, twice] })).toEqual([of('duplicate-active-role', ANN)]);
  });
});

describe('unknown-role', () => {
  const creatorWith = (extra: Partial<typeof SETTLED_CREATOR>) => ({
    user: CREATOR,
    member: true,
    mongo: [...(SETTLED_CREATOR.mongo ?? []), ...(extra.mongo ?? [])],
    postgres: [...(SETTLED_CREATOR.postgres ?? []), ...(extra.postgres ?? [])],
  });

  it.each([
    { name: 'in MongoDB', extra: { mongo: [mongoRow('viewer', 'd1')] } },
    { name: 'in Postgres', extra: { postgres: [postgresRow('viewer', 990, null)] } },
    {
      name: 'in both, several times',
      extra: {
        mongo: [mongoRow('viewer', 'd1'), mongoRow('guest', 'd2')],
        postgres: [postgresRow('viewer', 990, 'd1'), postgresRow('guest', 991, 'd2')],
      },
    },
  ])('is said once of an owner who holds a role outside the wanted set $name', ({ extra }) => {
    expect(findingsOf({ users: [creatorWith(extra)] })).toEqual([of('unknown-role', CREATOR)]);
  });

  it('goes by the wanted set of the policy for owners', () => {
    const policy = { wanted: { owner: ['owner', 'admin'], member: ['member'] } };
    expect(findingsOf({ users: [SETTLED_CREATOR], policy })).toEqual([of('unknown-role', CREATOR)]);
  });

  it('is not said of members and outsiders, whose other roles are removed or kept by policy', () => {
    const users = [SETTLED_CREATOR, holder(ANN, ['viewer', 'member']), holder(BOB, ['viewer'], false)];
    expect(findingsOf({ users })).toEqual([]);
    expect(findingsOf({ users, policy: { memberExtras: 'keep', outsiders: 'keep' } })).toEqual([]);
  });
});

describe('odd states', () => {
  const oddStates = (['odd-membership', 'odd-team-state'] as const).map((code) => ({
    ...ODD,
    code,
    user: null,
  }));

  it('are told where they decide something: a membership only where memberships do', () => {
    const both = ['odd-membership null', 'odd-team-state null'];
    expect(findingsOf({ users: [SETTLED_CREATOR], oddStates })).toEqual(both);
    expect(decide({ createdBy: null, oddStates }).findings).toEqual(
      oddStates.map((odd) => ({ ...odd, team: TEAM })),
    );
    for (const deletedTeams of ['skip', 'deactivate', 'repair'] as const) {
      const found = findingsOf({
        state: 'deleted',
        oddStates,
        users: [SETTLED_CREATOR],
        policy: { deletedTeams },
      });
      expect(found.filter((line) => line.startsWith('odd'))).toEqual(
        deletedTeams === 'repair' ? both : both.slice(1),
      );
    }
  });
});

describe('exempt', () => {
  const exempt = { users: [{ id: ANN, reason: 'a service account' }], teams: [] };

  it('makes no decision for a user, whatever the rules would, and says why', () => {
    for (const ann of [
      holder(ANN, ['admin'], false),
      holder(ANN, ['admin']),
      { user: ANN, malformed: [ODD] },
    ]) {
      const users = [SETTLED_CREATOR, ann, holder(BOB, ['member'], false)];
      const { changes, blocked, findings } = decide({ users, policy: { exempt } });
      expect(Object.keys(changes)).toEqual([BOB]);
      expect(blocked).toEqual([]);
      expect(findings).toEqual([{ code: 'exempt', team: TEAM, user: ANN, value: 'a service account' }]);
    }
  });

  it('spares an owner too', () => {
    const policy = { exempt: { users: [{ id: CREATOR, reason: 'left' }], teams: [] } };
    expect(decide({ users: [], policy })).toMatchObject({ changes: {}, findings: [{ code: 'exempt' }] });
  });

  it('is not said of a user of whom the rules want nothing', () => {
    expect(findingsOf({ users: [SETTLED_CREATOR, holder(ANN, ['member'])], policy: { exempt } })).toEqual([]);
  });

  it.each(['live', 'deleted', 'missing'] as const)('leaves a %s team alone as a whole', (state) => {
    const policy = {
      exempt: { users: [], teams: [{ id: TEAM, reason: 'investigated' }] },
      deletedTeams: 'repair' as const,
    };
    const { changes, blocked, findings } = decide({
      state,
      createdBy: null,
      users: [holder(ANN, ['admin'], false)],
      policy,
    });
    expect({ changes, blocked }).toEqual({ changes: {}, blocked: [] });
    expect(findings).toContainEqual({ code: 'exempt', team: TEAM, user: null, value: 'investigated' });
  });
});

describe('unlinked-row', () => {
  it('is said once of a user with several such rows', () => {
    const postgres = ['owner', 'admin', 'member'].map((role, index) => postgresRow(role, index + 1, null));
    expect(findingsOf({ users: [{ user: CREATOR, member: true, postgres }] })).toEqual([
      of('unlinked-row', CREATOR),
    ]);
  });

  it('is not said where MongoDB has the role, where it is not wanted, or of a linked row', () => {
    const users = [
      SETTLED_CREATOR,
      {
        user: ANN,
        member: true,
        mongo: [mongoRow('member', 'a1')],
        postgres: [postgresRow('member', 1, null)],
      },
      { user: BOB, member: true, postgres: [postgresRow('member', 2, 'b1'), postgresRow('admin', 3, null)] },
      { user: '05e5000000000000000000ff', postgres: [postgresRow('member', 4, null)] },
    ];
    expect(findingsOf({ users })).toEqual([]);
  });
});

describe('findings about a whole team', () => {
  it('are said of the team, not of each of its holders', () => {
    const users = [holder(ANN, ['member']), holder(BOB, ['admin'])];
    expect(findingsOf({ state: 'deleted', users })).toEqual([of('deleted-team-holds-roles', null)]);
    expect(findingsOf({ state: 'missing', users })).toEqual([of('missing-team', null)]);
    expect(findingsOf({ users: [SETTLED_CREATOR, ...users] })).toEqual([]);
  });

  it.each<{ name: string; given: GivenTeam }>([
    { name: 'a Mongo row', given: { users: [{ user: ANN, mongo: [mongoRow('admin', 'a1')] }] } },
    { name: 'a Postgres row', given: { users: [{ user: ANN, postgres: [postgresRow('admin', 1, null)] }] } },
    { name: 'a malformed row', given: { users: [{ user: ANN, malformed: [ODD] }] } },
  ])('count $name as a role', ({ given }) => {
    expect(findingsOf({ ...given, state: 'deleted' })).toEqual([of('deleted-team-holds-roles', null)]);
    expect(findingsOf({ ...given, state: 'missing' })).toEqual([of('missing-team', null)]);
  });

  it('say so of a row without a legible user, which is left alone and hinders nobody', () => {
    for (const given of [{}, { state: 'deleted' }, { state: 'missing' }] as const) {
      expect(findingsOf({ users: [SETTLED_CREATOR], ...given, rowsWithoutUser: [ODD] })).toContain(
        of('malformed-row', null),
      );
    }
    const { changes, blocked } = decide({ users: [holder(ANN, ['member'], false)], rowsWithoutUser: [ODD] });
    expect(Object.keys(changes)).toEqual([CREATOR, ANN]);
    expect(blocked).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import type { BlockCode } from '../../../src/model/finding.js';
import {
  ANN,
  BOB,
  blockOf,
  SETTLED_CREATOR,
  CREATOR,
  decide,
  hex,
  holder,
  mongoRow,
  ODD,
  postgresRow,
  TEAM,
  type GivenTeam,
  type GivenUser,
} from './given-team.js';

/** Compared as a whole: what is expected to be nothing has to be nothing. */
function settled(given: GivenTeam) {
  const { changes, blocked } = decide(given);
  return { changes, blocked };
}

const outsider = holder(BOB, ['member'], false);
const OUTSIDERS_CHANGES = {
  [BOB]: [
    `mongo deactivate member ${hex('a1')} outsider-holds`,
    'postgres deactivate member 1 outsider-holds',
  ],
};

describe('a user who is blocked', () => {
  const conflict = {
    linkedPostgres: [
      { id: 77, mongoId: hex('e1'), user: BOB, team: TEAM, role: 'member', scope: 'TEAM', active: false },
    ],
  };
  const conflicted = [mongoRow('admin', 'd1'), mongoRow('member', 'e1')];

  it.each<{ name: string; ann: Omit<GivenUser, 'user'>; code: BlockCode }>([
    { name: 'malformed row of a member', ann: { member: true, malformed: [ODD] }, code: 'malformed-row' },
    {
      name: 'malformed row beside usable ones',
      ann: { ...holder(ANN, ['admin', 'viewer']), malformed: [ODD] },
      code: 'malformed-row',
    },
    {
      name: 'malformed row of an outsider',
      ann: { ...holder(ANN, ['admin'], false), malformed: [ODD] },
      code: 'malformed-row',
    },
    {
      name: 'malformed row of a user for whom nothing else is to be done',
      ann: { ...holder(ANN, ['member']), malformed: [ODD] },
      code: 'malformed-row',
    },
    {
      name: 'link conflict of a member with a role to remove',
      ann: { member: true, mongo: conflicted },
      code: 'link-conflict',
    },
  ])('by $name gets no changes, no removals either, while the others do', ({ ann, code }) => {
    const outcome = decide({ users: [SETTLED_CREATOR, { user: ANN, ...ann }, outsider], ...conflict });
    expect(outcome.changes).toEqual(OUTSIDERS_CHANGES);
    expect(outcome.blocked).toEqual([blockOf(code, ANN)]);
  });

  it('by several malformed rows gets a block for each field', () => {
    const other = { at: { ...ODD.at, store: 'mongo', row: hex('d1') }, value: '7' } as const;
    const users = [{ user: ANN, malformed: [ODD, other] }];
    expect(settled({ state: 'missing', users }).blocked).toEqual([
      blockOf('malformed-row', ANN),
      { ...blockOf('malformed-row', ANN), ...other },
    ]);
    const { findings } = decide({ state: 'missing', rowsWithoutUser: [ODD, other] });
    expect(findings.filter(({ code }) => code === 'malformed-row')).toEqual(
      [ODD, other].map((odd) => ({ code: 'malformed-row', team: TEAM, user: null, ...odd })),
    );
  });

  it('gets nothing if only one of several wanted roles is in conflict', () => {
    const users = [{ user: CREATOR, member: true, mongo: [mongoRow('member', 'e1')] }];
    expect(decide({ users }).changes).toHaveProperty(CREATOR);
    expect(settled({ users, ...conflict })).toEqual({
      changes: {},
      blocked: [{ code: 'link-conflict', team: TEAM, user: CREATOR }],
    });
  });

  it('is not somebody whose link is in conflict with a row of a role that nobody wants', () => {
    const users = [
      SETTLED_CREATOR,
      { user: ANN, mongo: [mongoRow('member', 'e1')] },
      { ...holder(BOB, ['member']), mongo: [mongoRow('member', 'a1'), mongoRow('admin', 'e1')] },
    ];
    expect(settled({ users, ...conflict })).toEqual({
      changes: {
        [ANN]: [`mongo deactivate member ${hex('e1')} outsider-holds`],
        [BOB]: [`mongo delete admin ${hex('e1')} member-extra`],
      },
      blocked: [],
    });
  });

  it('by a malformed row is blocked as creator without membership too, also under skip', () => {
    const users = [{ user: CREATOR, malformed: [ODD] }];
    for (const ownerWithoutMembership of ['grant', 'skip'] as const) {
      expect(settled({ users, policy: { ownerWithoutMembership } })).toEqual({
        changes: {},
        blocked: [blockOf('malformed-row', CREATOR)],
      });
    }
  });

  it('is blocked in deleted and missing teams too, unless these are left alone', () => {
    const users = [{ ...holder(ANN, ['member']), malformed: [ODD] }];
    const blocked = [blockOf('malformed-row', ANN)];
    const policy = { deletedTeams: 'deactivate' } as const;
    expect(settled({ state: 'deleted', users, policy })).toEqual({ changes: {}, blocked });
    expect(settled({ state: 'missing', users })).toEqual({ changes: {}, blocked });
    expect(settled({ state: 'deleted', users })).toEqual({ changes: {}, blocked: [] });
  });

  it('has one id twice, as ObjectId and as string, so that no change could name its document', () => {
    const mongo = [mongoRow('admin', 'e1'), mongoRow('viewer', 'e1'), mongoRow('member', 'f1')];
    const postgres = [postgresRow('member', 1, 'f1')];
    const users = [SETTLED_CREATOR, { user: ANN, member: true, mongo, postgres }];
    expect(settled({ users })).toEqual({
      changes: {},
      blocked: [{ code: 'link-conflict', team: TEAM, user: ANN }],
    });
    expect(settled({ users, policy: { memberExtras: 'keep' } })).toEqual({ changes: {}, blocked: [] });
  });
});

describe('a team that is blocked', () => {
  const users = [{ user: CREATOR, member: true }, holder(ANN, ['admin']), outsider];

  it.each<{ name: string; given: GivenTeam; codes: BlockCode[] }>([
    { name: 'has no usable creator', given: { createdBy: null }, codes: ['team-without-owner'] },
    {
      name: 'has a membership whose user is illegible',
      given: { membershipsWithoutUser: [ODD] },
      codes: ['malformed-membership'],
    },
    {
      name: 'has both',
      given: { createdBy: null, membershipsWithoutUser: [ODD] },
      codes: ['team-without-owner', 'malformed-membership'],
    },
    {
      name: 'is deleted and to be repaired as if live',
      given: { state: 'deleted', createdBy: null, policy: { deletedTeams: 'repair' } },
      codes: ['team-without-owner'],
    },
    {
      name: 'is deleted, to be repaired, and has such a membership',
      given: { state: 'deleted', membershipsWithoutUser: [ODD], policy: { deletedTeams: 'repair' } },
      codes: ['malformed-membership'],
    },
  ])('$name: nobody in it gets changes', ({ given, codes }) => {
    expect(settled({ users, ...given })).toEqual({
      changes: {},
      blocked: codes.map((code) => blockOf(code, null)),
    });
  });

  it.each(['deleted', 'missing'] as const)(
    'is none that is %s, where every holder is an outsider and no creator or membership counts',
    (state) => {
      const outcome = decide({
        state,
        users: [outsider],
        createdBy: null,
        membershipsWithoutUser: [ODD],
        policy: { deletedTeams: 'deactivate' },
      });
      expect(Object.keys(outcome.changes)).toEqual([BOB]);
      expect(outcome.blocked).toEqual([]);
    },
  );

  it('is none with a creator and legible memberships', () => {
    const { changes, blocked } = decide({ users });
    expect(Object.keys(changes)).toEqual([CREATOR, ANN, BOB]);
    expect(blocked).toEqual([]);
  });
});

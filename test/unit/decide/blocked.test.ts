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
  inBoth,
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

describe('a user who is blocked', () => {
  const conflict = {
    linkedPostgres: [
      { id: 77, mongoId: hex('e1'), user: BOB, team: TEAM, role: 'member', scope: 'TEAM', active: false },
    ],
  };
  const conflicted = [mongoRow('admin', 'd1'), mongoRow('member', 'e1')];

  it.each<[string, Omit<GivenUser, 'user'>, BlockCode]>([
    ['malformed row of a member', { member: true, malformed: [ODD] }, 'malformed-row'],
    [
      'malformed row beside usable ones',
      { ...holder(ANN, ['admin', 'viewer']), malformed: [ODD] },
      'malformed-row',
    ],
    ['malformed row of an outsider', { ...holder(ANN, ['admin'], false), malformed: [ODD] }, 'malformed-row'],
    [
      'malformed row that alone concerns its user',
      { ...holder(ANN, ['member']), malformed: [ODD] },
      'malformed-row',
    ],
    ['link conflict of a member with a role to remove', { member: true, mongo: conflicted }, 'link-conflict'],
  ])('by %s gets no changes, no removals either, while the others do', (_, ann, code) => {
    const { changes, blocked } = settled({
      users: [SETTLED_CREATOR, { user: ANN, ...ann }, outsider],
      ...conflict,
    });
    expect(changes).toEqual({ [BOB]: inBoth('deactivate', { member: 1 }, 'outsider-holds') });
    expect(blocked).toEqual([blockOf(code, ANN)]);
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
    const blocked = [blockOf('link-conflict', CREATOR)];
    expect(settled({ users, ...conflict })).toEqual({ changes: {}, blocked });
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
    const blocked = [blockOf('malformed-row', CREATOR)];
    for (const ownerWithoutMembership of ['grant', 'skip'] as const)
      expect(settled({ users, policy: { ownerWithoutMembership } })).toEqual({ changes: {}, blocked });
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
    expect(settled({ users })).toEqual({ changes: {}, blocked: [blockOf('link-conflict', ANN)] });
    expect(settled({ users, policy: { memberExtras: 'keep' } })).toEqual({ changes: {}, blocked: [] });
  });
});

describe('a team that is blocked', () => {
  const users = [{ user: CREATOR, member: true }, holder(ANN, ['admin']), outsider];

  const repaired = { state: 'deleted', policy: { deletedTeams: 'repair' } } as const;
  const illegible = { membershipsWithoutUser: [ODD] };

  it.each<[string, GivenTeam, BlockCode[]]>([
    ['has no usable creator', { createdBy: null }, ['team-without-owner']],
    ['has a membership whose user is illegible', illegible, ['malformed-membership']],
    ['has both', { createdBy: null, ...illegible }, ['team-without-owner', 'malformed-membership']],
    ['is deleted and to be repaired as if live', { ...repaired, createdBy: null }, ['team-without-owner']],
    [
      'is deleted, to be repaired, and has such a membership',
      { ...repaired, ...illegible },
      ['malformed-membership'],
    ],
  ])('%s: nobody in it gets changes', (_, given, codes) => {
    const blocked = codes.map((code) => blockOf(code, null));
    expect(settled({ users, ...given })).toEqual({ changes: {}, blocked });
  });

  it.each(['deleted', 'missing'] as const)(
    'is none that is %s, where every holder is an outsider and no creator or membership counts',
    (state) => {
      const policy = { deletedTeams: 'deactivate' } as const;
      const outcome = decide({ state, users: [outsider], createdBy: null, ...illegible, policy });
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

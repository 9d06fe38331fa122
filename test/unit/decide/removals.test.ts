import { describe, expect, it } from 'vitest';
import {
  ANN,
  SETTLED_CREATOR,
  CREATOR,
  decide,
  hex,
  holder,
  inBoth,
  mongoRow,
  postgresRow,
  type GivenTeam,
  type GivenUser,
} from './given-team.js';

/** Ann's changes; nobody else's are expected. */
function annsChanges(given: GivenTeam): readonly string[] {
  const { changes, blocked } = decide(given);
  expect(Object.keys(changes).filter((user) => user !== ANN)).toEqual([]);
  expect(blocked).toEqual([]);
  return changes[ANN] ?? [];
}

describe('active rows that a standing does not want', () => {
  const member = (...roles: string[]): GivenUser => holder(ANN, roles);
  const outsider = (...roles: string[]): GivenUser => holder(ANN, roles, false);
  const extra = (op: string, roles: Record<string, number>) => inBoth(op, roles, 'member-extra');
  const strange = (op: string, roles: Record<string, number>) => inBoth(op, roles, 'outsider-holds');
  const [mongoMember, mongoAdmin] = [mongoRow('member', 'a1'), mongoRow('admin', 'a2')];
  const postgresMember = postgresRow('member', 1, 'a1');

  it.each<[string, Omit<GivenUser, 'user'>, NonNullable<GivenTeam['policy']>, string[]]>([
    [
      'a member loses everything but `member`, by deletion',
      member('member', 'admin', 'viewer'),
      {},
      extra('delete', { admin: 2, viewer: 3 }),
    ],
    [
      'memberExtras deactivate',
      member('member', 'admin'),
      { memberExtras: 'deactivate' },
      extra('deactivate', { admin: 2 }),
    ],
    ['memberExtras keep', member('member', 'admin'), { memberExtras: 'keep' }, []],
    [
      'memberExtras does not concern outsiders',
      outsider('admin'),
      { memberExtras: 'keep' },
      strange('deactivate', { admin: 1 }),
    ],
    [
      'an outsider loses everything, by deactivation, roles that owners and members want included',
      outsider('member', 'owner'),
      {},
      strange('deactivate', { member: 1, owner: 2 }),
    ],
    ['outsiders delete', outsider('member'), { outsiders: 'delete' }, strange('delete', { member: 1 })],
    ['outsiders keep', outsider('member'), { outsiders: 'keep' }, []],
    [
      'outsiders does not concern members',
      member('member', 'admin'),
      { outsiders: 'keep' },
      extra('delete', { admin: 2 }),
    ],
    [
      'what a member wants is the policy for members, not the one for owners',
      member('viewer', 'owner'),
      { wanted: { owner: ['owner', 'member'], member: ['viewer'] } },
      extra('delete', { owner: 2 }),
    ],
    [
      'each store is judged on its own',
      {
        member: true,
        mongo: [mongoMember, mongoAdmin],
        postgres: [postgresMember, postgresRow('viewer', 7, 'b7')],
      },
      {},
      [`mongo delete admin ${hex('a2')} member-extra`, 'postgres delete viewer 7 member-extra'],
    ],
    [
      'every duplicate of an unwanted role goes',
      { member: true, mongo: [mongoMember, mongoAdmin, mongoRow('admin', 'a3')], postgres: [postgresMember] },
      {},
      [`mongo delete admin ${hex('a2')} member-extra`, `mongo delete admin ${hex('a3')} member-extra`],
    ],
    ['duplicates of a wanted role are kept', member('member', 'member'), {}, []],
  ])('%s', (_, user, policy, changes) => {
    expect(annsChanges({ users: [SETTLED_CREATOR, { ...user, user: ANN }], policy })).toEqual(changes);
  });

  it('of an owner are kept, also when he is a member and whatever the policy', () => {
    const creator = {
      ...SETTLED_CREATOR,
      mongo: [...(SETTLED_CREATOR.mongo ?? []), mongoRow('viewer', 'd1'), mongoRow('admin', 'd2')],
      postgres: [...(SETTLED_CREATOR.postgres ?? []), postgresRow('viewer', 990, 'd1')],
    };
    for (const member of [true, false]) {
      const given = { users: [{ ...creator, member }] };
      expect(decide(given).changes).toEqual({});
      expect(decide({ ...given, policy: { memberExtras: 'delete', outsiders: 'delete' } }).changes).toEqual(
        {},
      );
    }
  });
});

describe('changes of one decision', () => {
  it('are ordered by store, op, role and row id, Postgres ids as numbers', () => {
    const [mongo, postgres] = [
      [mongoRow('zoo', 'a3'), mongoRow('admin', 'a9'), mongoRow('admin', 'a4')],
      [postgresRow('admin', 10, 'b1'), postgresRow('admin', 9, 'b2'), postgresRow('Zoo', 100, 'b3')],
    ];
    const changes = annsChanges({ users: [SETTLED_CREATOR, { user: ANN, member: true, mongo, postgres }] });
    expect(changes.map((line) => line.replace(/ member-\w+$/, ''))).toEqual([
      `mongo delete admin ${hex('a4')}`,
      `mongo delete admin ${hex('a9')}`,
      `mongo delete zoo ${hex('a3')}`,
      expect.stringMatching(/^mongo insert member /),
      'postgres delete Zoo 100',
      'postgres delete admin 9',
      'postgres delete admin 10',
      expect.stringMatching(/^postgres insert member /),
    ]);
  });

  it('come with all active rows of the user as observed, the unchanged ones included, sorted by id', () => {
    const mongo = [mongoRow('member', 'a1'), mongoRow('admin', 'a2')];
    const postgres = [postgresRow('admin', 9, 'a2'), postgresRow('member', 10, 'a1')];
    const { observed } = decide({ users: [SETTLED_CREATOR, { user: ANN, member: true, mongo, postgres }] });
    expect(observed).toEqual({ [ANN]: { mongo, postgres } });
  });

  it('stand under their users, sorted', () => {
    const { changes } = decide({
      createdBy: ANN,
      users: [holder('05e5000000000000000000ff', ['admin'], false), holder(CREATOR, ['admin'], false)],
    });
    expect(Object.keys(changes)).toEqual([CREATOR, ANN, '05e5000000000000000000ff']);
  });
});

import { describe, expect, it } from 'vitest';
import {
  ANN,
  SETTLED_CREATOR,
  CREATOR,
  decide,
  hex,
  holder,
  mongoRow,
  postgresRow,
  type GivenTeam,
} from './given-team.js';

/** Ann's changes; nobody else's are expected. */
function annsChanges(given: GivenTeam): readonly string[] {
  const { changes, blocked } = decide(given);
  expect(Object.keys(changes).filter((user) => user !== ANN)).toEqual([]);
  expect(blocked).toEqual([]);
  return changes[ANN] ?? [];
}

describe('active rows that a standing does not want', () => {
  it.each([
    {
      name: 'a member loses everything but `member`, by deletion',
      user: holder(ANN, ['member', 'admin', 'viewer']),
      policy: {},
      changes: [
        `mongo delete admin ${hex('a2')} member-extra`,
        `mongo delete viewer ${hex('a3')} member-extra`,
        'postgres delete admin 2 member-extra',
        'postgres delete viewer 3 member-extra',
      ],
    },
    {
      name: 'memberExtras deactivate',
      user: holder(ANN, ['member', 'admin']),
      policy: { memberExtras: 'deactivate' },
      changes: [
        `mongo deactivate admin ${hex('a2')} member-extra`,
        'postgres deactivate admin 2 member-extra',
      ],
    },
    {
      name: 'memberExtras keep',
      user: holder(ANN, ['member', 'admin']),
      policy: { memberExtras: 'keep' },
      changes: [],
    },
    {
      name: 'memberExtras does not concern outsiders',
      user: holder(ANN, ['admin'], false),
      policy: { memberExtras: 'keep' },
      changes: [
        `mongo deactivate admin ${hex('a1')} outsider-holds`,
        'postgres deactivate admin 1 outsider-holds',
      ],
    },
    {
      name: 'an outsider loses everything, by deactivation, roles that owners and members want included',
      user: holder(ANN, ['member', 'owner'], false),
      policy: {},
      changes: [
        `mongo deactivate member ${hex('a1')} outsider-holds`,
        `mongo deactivate owner ${hex('a2')} outsider-holds`,
        'postgres deactivate member 1 outsider-holds',
        'postgres deactivate owner 2 outsider-holds',
      ],
    },
    {
      name: 'outsiders delete',
      user: holder(ANN, ['member'], false),
      policy: { outsiders: 'delete' },
      changes: [`mongo delete member ${hex('a1')} outsider-holds`, 'postgres delete member 1 outsider-holds'],
    },
    {
      name: 'outsiders keep',
      user: holder(ANN, ['member'], false),
      policy: { outsiders: 'keep' },
      changes: [],
    },
    {
      name: 'outsiders does not concern members',
      user: holder(ANN, ['member', 'admin']),
      policy: { outsiders: 'keep' },
      changes: [`mongo delete admin ${hex('a2')} member-extra`, 'postgres delete admin 2 member-extra'],
    },
    {
      name: 'what a member wants is the policy for members, not the one for owners',
      user: holder(ANN, ['viewer', 'owner']),
      policy: { wanted: { owner: ['owner', 'member'], member: ['viewer'] } },
      changes: [`mongo delete owner ${hex('a2')} member-extra`, 'postgres delete owner 2 member-extra'],
    },
    {
      name: 'each store is judged on its own',
      user: {
        user: ANN,
        member: true,
        mongo: [mongoRow('member', 'a1'), mongoRow('admin', 'a2')],
        postgres: [postgresRow('member', 1, 'a1'), postgresRow('viewer', 7, 'b7')],
      },
      policy: {},
      changes: [`mongo delete admin ${hex('a2')} member-extra`, 'postgres delete viewer 7 member-extra'],
    },
    {
      name: 'every duplicate of an unwanted role goes',
      user: {
        user: ANN,
        member: true,
        mongo: [mongoRow('member', 'a1'), mongoRow('admin', 'a2'), mongoRow('admin', 'a3')],
        postgres: [postgresRow('member', 1, 'a1')],
      },
      policy: {},
      changes: [
        `mongo delete admin ${hex('a2')} member-extra`,
        `mongo delete admin ${hex('a3')} member-extra`,
      ],
    },
    {
      name: 'duplicates of a wanted role are kept',
      user: {
        user: ANN,
        member: true,
        mongo: [mongoRow('member', 'a1'), mongoRow('member', 'a2')],
        postgres: [postgresRow('member', 1, 'a1'), postgresRow('member', 2, 'a2')],
      },
      policy: {},
      changes: [],
    },
  ] satisfies { name: string; user: object; policy: GivenTeam['policy']; changes: string[] }[])(
    '$name',
    ({ user, policy, changes }) => {
      expect(annsChanges({ users: [SETTLED_CREATOR, user], policy })).toEqual(changes);
    },
  );

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

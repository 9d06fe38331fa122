import { describe, expect, it } from 'vitest';
import { newLinkId } from '../../../src/decide/wanted-role.js';
import type { Policy } from '../../../src/model/policy.js';
import * as given from './given-team.js';
import { ANN, BOB, CREATOR, decide, hex, holder, inBoth, mongoRow, ODD, postgresRow } from './given-team.js';

/*
 * Examples of docs/design.md, "The rules", to be read beside its text. That the rules say the same of everything else is
 * proved by the random worlds, for which the model in test/model says what is right.
 */

/** What is expected of a team: the changes by user, and what is told, as `code user`; nothing where nothing is said. */
interface Expected {
  readonly changes?: Readonly<Record<string, readonly string[]>>;
  readonly findings?: readonly string[];
  readonly blocked?: readonly string[];
}
type Example = readonly [name: string, team: given.GivenTeam, expected: Expected];

function outcomeOf(team: given.GivenTeam): Required<Expected> {
  const { changes, findings, blocked } = decide(team);
  const told = ({ code, user }: { code: string; user: string | null }): string => `${code} ${user}`;
  return { changes, findings: findings.map(told), blocked: blocked.map(told) };
}

const newId = (user: string, role: string): string => newLinkId(given.AS_OF, given.TEAM, user, role);
const nothing = { changes: {}, findings: [], blocked: [] };

function examples(list: readonly Example[]): void {
  it.each(list)('%s', (_, team, expected) => {
    expect(outcomeOf(team)).toEqual({ ...nothing, ...expected });
  });
}

/** Beside a creator who lacks nothing. */
const beside = (...users: given.GivenUser[]) => ({ users: [given.SETTLED_CREATOR, ...users] });
const extra = (op: string) => ({ [ANN]: inBoth(op, { admin: 2 }, 'member-extra') });
const held = (op: string, rule = 'outsider-holds') => ({ [ANN]: inBoth(op, { member: 1 }, rule) });
const member = holder(ANN, ['member', 'admin']);
const stranger = holder(ANN, ['member'], false);

describe('a live team', () => {
  examples([
    [
      'gives its creator what owners want, in both stores under one new id, also without a membership',
      { users: [] },
      {
        changes: {
          [CREATOR]: ['mongo', 'postgres'].flatMap((store) =>
            ['admin', 'member', 'owner'].map(
              (role) => `${store} insert ${role} ${newId(CREATOR, role)} owner-wants`,
            ),
          ),
        },
        findings: [`owner-without-membership ${CREATOR}`],
      },
    ],
    [
      'makes no decision for such a creator under `skip`',
      { users: [], policy: { ownerWithoutMembership: 'skip' } },
      { findings: [`owner-without-membership ${CREATOR}`] },
    ],
    [
      'gives a member what members want by the policy',
      {
        ...beside({ user: ANN, member: true }),
        policy: { wanted: { owner: ['owner', 'admin', 'member'], member: ['guest'] } },
      },
      {
        changes: {
          [ANN]: ['mongo', 'postgres'].map(
            (store) => `${store} insert guest ${newId(ANN, 'guest')} member-wants`,
          ),
        },
      },
    ],
    ['takes from a member what is not wanted, by deletion', beside(member), { changes: extra('delete') }],
    [
      'takes it by deactivation',
      { ...beside(member), policy: { memberExtras: 'deactivate' } },
      { changes: extra('deactivate') },
    ],
    ['leaves it', { ...beside(member), policy: { memberExtras: 'keep' } }, {}],
    [
      'takes from a stranger whatever he holds, by deactivation',
      beside(stranger),
      { changes: held('deactivate') },
    ],
    [
      'takes it by deletion',
      { ...beside(stranger), policy: { outsiders: 'delete' } },
      { changes: held('delete') },
    ],
    ['leaves that', { ...beside(stranger), policy: { outsiders: 'keep' } }, {}],
    [
      'judges each store on its own, and takes every duplicate of an unwanted role',
      beside({
        user: ANN,
        member: true,
        mongo: [mongoRow('member', 'a1'), mongoRow('admin', 'a2'), mongoRow('admin', 'a3')],
        postgres: [postgresRow('member', 1, 'a1'), postgresRow('viewer', 7, 'b7')],
      }),
      {
        changes: {
          [ANN]: [
            ...['a2', 'a3'].map((id) => `mongo delete admin ${hex(id)} member-extra`),
            'postgres delete viewer 7 member-extra',
          ],
        },
        findings: [`duplicate-active-role ${ANN}`],
      },
    ],
    [
      'takes nothing from its owner, and says so',
      {
        users: [
          {
            ...given.SETTLED_CREATOR,
            postgres: [...(given.SETTLED_CREATOR.postgres ?? []), postgresRow('viewer', 990, null)],
          },
        ],
      },
      { findings: [`unknown-role ${CREATOR}`] },
    ],
    ['wants nothing of somebody without membership and rows', beside({ user: ANN }), {}],
  ]);
});

describe('a deleted or missing team', () => {
  const users = [holder(CREATOR, ['member']), holder(ANN, ['member'])];
  const everybody = (rule: string) => ({
    [CREATOR]: inBoth('deactivate', { member: 1 }, rule),
    ...held('deactivate', rule),
  });
  const deleted = { state: 'deleted', users } as const;
  const missing = { state: 'missing', createdBy: null, users } as const;
  const findings = ['deleted-team-holds-roles null'];
  const ghost = ['missing-team null'];
  const deactivate: Partial<Policy> = { deletedTeams: 'deactivate' };
  const repair: Partial<Policy> = { deletedTeams: 'repair' };
  examples([
    [
      'is left alone where it is deleted, also without a creator or with an illegible membership',
      { ...deleted, createdBy: null, membershipsWithoutUser: [ODD] },
      { findings },
    ],
    [
      'has every holder as outsider under deletedTeams deactivate',
      { ...deleted, createdBy: null, policy: deactivate },
      { changes: everybody('deleted-team-holds'), findings },
    ],
    [
      'is as if live under deletedTeams repair',
      { state: 'deleted', ...beside(member), policy: repair },
      { changes: extra('delete'), findings },
    ],
    [
      'has strangers of its own under repair',
      { state: 'deleted', ...beside(stranger), policy: repair },
      { changes: held('deactivate', 'deleted-team-holds'), findings },
    ],
    [
      'is blocked under repair as a live one is',
      { ...deleted, createdBy: null, policy: repair },
      { findings, blocked: ['team-without-owner null'] },
    ],
    [
      'has every holder as outsider where it is missing',
      missing,
      { changes: everybody('missing-team-holds'), findings: ghost },
    ],
    [
      'is left alone under missingTeams skip',
      { ...missing, policy: { missingTeams: 'skip' } },
      { findings: ghost },
    ],
    [
      'goes by the policy for outsiders',
      { ...missing, users: [stranger], policy: { outsiders: 'delete' } },
      { changes: held('delete', 'missing-team-holds'), findings: ghost },
    ],
    [
      'is not worth a word where nobody holds a role in it',
      { ...deleted, users: [{ user: ANN, member: true }] },
      {},
    ],
  ]);
});

describe('the link table', () => {
  const ann = (rows: Partial<given.GivenUser>) => beside({ user: ANN, member: true, ...rows });
  const inMongo = ann({ mongo: [mongoRow('member', 'a1')] });
  const inPostgres = ann({ postgres: [postgresRow('member', 5, 'a1')] });
  const unlinked = ann({ postgres: [postgresRow('member', 5, null)] });
  const whose = { user: ANN, team: given.TEAM, role: 'member', scope: 'TEAM', active: false };
  const row = { id: 7, mongoId: hex('a1'), ...whose };
  const document = { id: hex('a1'), ...whose };
  const taken = { id: newId(ANN, 'member'), ...whose };
  const becomes = (...changes: string[]) => ({
    changes: { [ANN]: changes.map((line) => `${line} member-wants`) },
  });
  const conflict = { blocked: [`link-conflict ${ANN}`] };
  const alone = {
    ...becomes(`mongo insert member ${newId(ANN, 'member')}`),
    findings: [`unlinked-row ${ANN}`],
  };
  examples([
    [
      'neither store has the role, and the new id is taken: a conflict',
      { ...ann({}), linkedMongo: [taken] },
      conflict,
    ],
    ['MongoDB alone has it: inserted with its id', inMongo, becomes(`postgres insert member ${hex('a1')}`)],
    [
      'the row with its id is inactive and the same role: reactivated',
      { ...inMongo, linkedPostgres: [row] },
      becomes('postgres reactivate member 7'),
    ],
    [
      'that row is another role: a conflict',
      { ...inMongo, linkedPostgres: [{ ...row, role: 'admin' }] },
      conflict,
    ],
    [
      'Postgres alone has it: inserted with its link',
      inPostgres,
      becomes(`mongo insert member ${hex('a1')}`),
    ],
    [
      'the document of its link is inactive and the same role: reactivated',
      { ...inPostgres, linkedMongo: [document] },
      becomes(`mongo reactivate member ${hex('a1')}`),
    ],
    [
      'that document is active: a conflict',
      { ...inPostgres, linkedMongo: [{ ...document, active: true }] },
      conflict,
    ],
    [
      'two documents have the link: a conflict',
      { ...inPostgres, linkedMongo: [document, document] },
      conflict,
    ],
    ['Postgres alone has it, without a link: inserted with a new id, and told', unlinked, alone],
    [
      'both have it, linked or not: nothing',
      ann({ mongo: [mongoRow('member', 'a1')], postgres: [postgresRow('member', 5, 'b7')] }),
      {},
    ],
  ]);
});

describe('who is blocked', () => {
  const odd = { ...member, malformed: [ODD] };
  examples([
    [
      'by a malformed row gets nothing, no removals either, while the others do',
      beside(odd, holder(BOB, ['member'], false)),
      {
        changes: { [BOB]: inBoth('deactivate', { member: 1 }, 'outsider-holds') },
        blocked: [`malformed-row ${ANN}`],
      },
    ],
    [
      'by one conflict gets nothing else',
      {
        ...beside({ ...member, mongo: [mongoRow('admin', 'd1')] }),
        linkedMongo: [{ id: hex('a1'), user: BOB, team: null, role: null, scope: null, active: true }],
      },
      { blocked: [`link-conflict ${ANN}`] },
    ],
    [
      'has one id twice, as ObjectId and as string',
      beside({
        ...member,
        mongo: [mongoRow('admin', 'e1'), mongoRow('viewer', 'e1'), mongoRow('member', 'a1')],
      }),
      { blocked: [`link-conflict ${ANN}`] },
    ],
    [
      'is a whole team without an owner or with a membership that nobody can read',
      { createdBy: null, membershipsWithoutUser: [ODD], users: [member] },
      { blocked: ['team-without-owner null', 'malformed-membership null'] },
    ],
    [
      'is nobody for a row without a legible user',
      { ...beside(stranger), rowsWithoutUser: [ODD] },
      { changes: held('deactivate'), findings: ['malformed-row null'] },
    ],
  ]);

  it('by several malformed rows is told of each field', () => {
    const other = { at: { ...ODD.at, store: 'mongo', row: hex('d1') }, value: '7' } as const;
    const { blocked, findings } = decide({
      state: 'missing',
      users: [{ user: ANN, malformed: [ODD, other] }],
      rowsWithoutUser: [ODD, other],
    });
    const told = (user: string | null) =>
      [ODD, other].map((field) => ({ code: 'malformed-row', team: given.TEAM, user, ...field }));
    expect(blocked).toEqual(told(ANN));
    expect(findings).toEqual([...told(null), { code: 'missing-team', team: given.TEAM, user: null }]);
  });
});

describe('exempt', () => {
  const users = [{ id: ANN, reason: 'a service account' }];

  it.each([member, stranger, { user: ANN, malformed: [ODD] }])(
    'is a user without a decision, whatever the rules would make of %j, with the reason',
    (ann) => {
      const { changes, blocked, findings } = decide({
        ...beside(ann),
        policy: { exempt: { users, teams: [] } },
      });
      expect({ changes, blocked }).toEqual({ changes: {}, blocked: [] });
      expect(findings).toEqual([{ code: 'exempt', team: given.TEAM, user: ANN, value: 'a service account' }]);
    },
  );

  it('is a team as a whole, with the reason', () => {
    const exempt = { users, teams: [{ id: given.TEAM, reason: 'investigated' }] };
    const { changes, blocked, findings } = decide({ createdBy: null, users: [stranger], policy: { exempt } });
    expect({ changes, blocked }).toEqual({ changes: {}, blocked: [] });
    expect(findings).toEqual([{ code: 'exempt', team: given.TEAM, user: null, value: 'investigated' }]);
  });
});

describe('the order', () => {
  it('of users is theirs, of changes that of store, op, role and row, Postgres ids as numbers', () => {
    const mongo = [mongoRow('zoo', 'a3'), mongoRow('admin', 'a9'), mongoRow('admin', 'a4')];
    const postgres = [
      postgresRow('admin', 10, 'b1'),
      postgresRow('admin', 9, 'b2'),
      postgresRow('Zoo', 100, 'b3'),
    ];
    const { changes } = decide({
      users: [holder(BOB, ['admin']), { user: ANN, member: true, mongo, postgres }],
    });
    expect(Object.keys(changes)).toEqual([CREATOR, ANN, BOB]);
    expect(changes[ANN]?.map((line) => line.replace(/ member-\w+$/, ''))).toEqual([
      ...['admin', 'admin', 'zoo'].map((role, at) => `mongo delete ${role} ${hex(`a${[4, 9, 3][at]}`)}`),
      `mongo insert member ${newId(ANN, 'member')}`,
      ...['postgres delete Zoo 100', 'postgres delete admin 9', 'postgres delete admin 10'],
      `postgres insert member ${newId(ANN, 'member')}`,
    ]);
  });

  it('of what was observed is that of ids, the rows included that nothing changes', () => {
    const postgres = [postgresRow('viewer', 4, 'b4'), postgresRow('viewer', 40, 'b5')];
    const copy = { user: ANN, team: given.TEAM, role: 'member', scope: 'TEAM', active: false };
    const ann = { user: ANN, member: true, mongo: [mongoRow('member', 'a1')], postgres };
    const { observed } = decide({ ...beside(ann), linkedPostgres: [{ id: 5, mongoId: hex('a1'), ...copy }] });
    const reactivated = { ...postgresRow('member', 5, 'a1'), active: false };
    expect(observed).toEqual({
      [ANN]: { mongo: ann.mongo, postgres: [postgres[0], reactivated, postgres[1]] },
    });
  });
});

import { describe, expect, it } from 'vitest';
import {
  ANN,
  beside,
  BOB,
  decide,
  examples,
  held,
  hex,
  holder,
  inBoth,
  member,
  mongoRow,
  newId,
  ODD,
  postgresRow,
  stranger,
  TEAM,
  type GivenUser,
} from './given-team.js';

describe('the link table', () => {
  const ann = (rows: Partial<GivenUser>) => beside({ user: ANN, member: true, ...rows });
  const inMongo = ann({ mongo: [mongoRow('member', 'a1')] });
  const inPostgres = ann({ postgres: [postgresRow('member', 5, 'a1')] });
  const unlinked = ann({ postgres: [postgresRow('member', 5, null)] });
  const whose = { user: ANN, team: TEAM, role: 'member', scope: 'TEAM', active: false };
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
      [ODD, other].map((field) => ({ code: 'malformed-row', team: TEAM, user, ...field }));
    expect(blocked).toEqual(told(ANN));
    expect(findings).toEqual([...told(null), { code: 'missing-team', team: TEAM, user: null }]);
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
      expect(findings).toEqual([{ code: 'exempt', team: TEAM, user: ANN, value: 'a service account' }]);
    },
  );

  it('is a team as a whole, with the reason', () => {
    const exempt = { users, teams: [{ id: TEAM, reason: 'investigated' }] };
    const { changes, blocked, findings } = decide({ createdBy: null, users: [stranger], policy: { exempt } });
    expect({ changes, blocked }).toEqual({ changes: {}, blocked: [] });
    expect(findings).toEqual([{ code: 'exempt', team: TEAM, user: null, value: 'investigated' }]);
  });
});

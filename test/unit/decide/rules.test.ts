import { describe, expect, it } from 'vitest';
import type { Policy } from '../../../src/model/policy.js';
import {
  ANN,
  beside,
  BOB,
  CREATOR,
  decide,
  examples,
  extra,
  held,
  hex,
  holder,
  inBoth,
  member,
  mongoRow,
  newId,
  ODD,
  postgresRow,
  SETTLED_CREATOR,
  stranger,
  TEAM,
} from './given-team.js';

/*
 * Examples of docs/design.md, "The rules", to be read beside its text. That the rules say the same of everything else is
 * proved by the random worlds, for which the model in test/model says what is right.
 */

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
            ...SETTLED_CREATOR,
            postgres: [...(SETTLED_CREATOR.postgres ?? []), postgresRow('viewer', 990, null)],
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
    const copy = { user: ANN, team: TEAM, role: 'member', scope: 'TEAM', active: false };
    const ann = { user: ANN, member: true, mongo: [mongoRow('member', 'a1')], postgres };
    const { observed } = decide({ ...beside(ann), linkedPostgres: [{ id: 5, mongoId: hex('a1'), ...copy }] });
    const reactivated = { ...postgresRow('member', 5, 'a1'), active: false };
    expect(observed).toEqual({
      [ANN]: { mongo: ann.mongo, postgres: [postgres[0], reactivated, postgres[1]] },
    });
  });
});

import { expect, it } from 'vitest';
import { draftTeam, settleTeam } from '../../../src/decide/team.js';
import { newLinkId } from '../../../src/decide/wanted-role.js';
import type { DerivedChange } from '../../../src/model/change.js';
import type { LinkedRow, OddState } from '../../../src/model/facts.js';
import type { SerialId } from '../../../src/model/id.js';
import type { Block, Finding, OddField } from '../../../src/model/finding.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import type { MongoRoleRow, PostgresRoleRow, RoleRows } from '../../../src/model/role-row.js';
import type { TeamState } from '../../../src/model/team.js';

export const AS_OF = Date.parse('2026-11-22T06:15:00.999Z');
export const TEAM = '7ea300000000000000000001';
export const OTHER_TEAM = '7ea300000000000000000002';
export const CREATOR = '05e500000000000000000001';
export const ANN = '05e500000000000000000002';
export const BOB = '05e500000000000000000003';

/** A Mongo `_id` or a link: 24 hex digits that end in the given ones. */
export function hex(end: string): string {
  return end.padStart(24, '0');
}

/** What makes a row malformed. */
export const ODD: OddField = { at: { store: 'postgres', row: '17', field: 'mongo_id' }, value: '"17"' };

/** An active Mongo row. */
export function mongoRow(role: string, idEnd: string): MongoRoleRow {
  return { id: hex(idEnd), role, active: true };
}

/** An active Postgres row; `linkEnd` null for one without a link. */
export function postgresRow(role: string, id: number, linkEnd: string | null): PostgresRoleRow {
  return { id, mongoId: linkEnd === null ? null : hex(linkEnd), role, active: true };
}

export interface GivenUser {
  readonly user: string;
  readonly member?: boolean;
  readonly mongo?: readonly MongoRoleRow[];
  readonly postgres?: readonly PostgresRoleRow[];
  readonly malformed?: readonly OddField[];
}

export interface GivenTeam {
  readonly state?: TeamState;
  readonly createdBy?: string | null;
  readonly users?: readonly GivenUser[];
  readonly policy?: Partial<Policy>;
  readonly rowsWithoutUser?: readonly OddField[];
  readonly membershipsWithoutUser?: readonly OddField[];
  readonly oddStates?: readonly OddState[];
  /** Mongo documents that can be the other end of a link; two with one id are `several`. */
  readonly linkedMongo?: readonly LinkedRow<string>[];
  /** Postgres rows that can be the other end of a link; two with one `mongoId` are `several`. */
  readonly linkedPostgres?: readonly (LinkedRow<SerialId> & { readonly mongoId: string })[];
}

export interface Outcome {
  /** User → changes in plan order: `store op role address rule`. */
  readonly changes: Readonly<Record<string, readonly string[]>>;
  readonly observed: Readonly<Record<string, RoleRows>>;
  readonly findings: readonly Finding[];
  readonly blocked: readonly Block[];
}

/** A user with both copies of the roles, linked: nothing to insert. Mongo ids and links end in `a1`, `a2`, … */
export function holder(user: string, roles: readonly string[], member = true): GivenUser {
  return {
    user,
    member,
    mongo: roles.map((role, index) => mongoRow(role, `a${index + 1}`)),
    postgres: roles.map((role, index) => postgresRow(role, index + 1, `a${index + 1}`)),
  };
}

/** The changes of both copies of roles that a `holder` has; each role with its position, from 1. */
export function inBoth(op: string, roles: Readonly<Record<string, number>>, rule: string): string[] {
  const positions = Object.entries(roles);
  return [
    ...positions.map(([role, at]) => `mongo ${op} ${role} ${hex(`a${at}`)} ${rule}`),
    ...positions.map(([role, at]) => `postgres ${op} ${role} ${at} ${rule}`),
  ];
}

/** The creator as the rules want him, so that he calls for nothing. */
export const SETTLED_CREATOR: GivenUser = {
  user: CREATOR,
  member: true,
  mongo: ['owner', 'admin', 'member'].map((role, index) => mongoRow(role, `c${index}`)),
  postgres: ['owner', 'admin', 'member'].map((role, index) => postgresRow(role, 900 + index, `c${index}`)),
};

/** What the rules make of one team: live and created by `CREATOR` unless said otherwise. */
export function decide(given: GivenTeam): Outcome {
  const { state = 'live', createdBy = CREATOR } = given;
  const { rowsWithoutUser = [], membershipsWithoutUser = [], oddStates = [] } = given;
  const team = { id: TEAM, name: null, state, createdBy };
  const users = (given.users ?? []).map(
    ({ user, member = false, mongo = [], postgres = [], malformed = [] }) => ({
      user,
      member,
      malformed,
      rows: { mongo, postgres },
    }),
  );
  const draft = draftTeam(
    { team, users, rowsWithoutUser, membershipsWithoutUser, oddStates },
    { policy: { ...DEFAULT_POLICY, ...given.policy }, asOf: AS_OF },
  );
  const { decisions, blocked } = settleTeam(draft, {
    mongo: (id) => one((given.linkedMongo ?? []).filter((row) => row.id === id)),
    postgres: (id) => one((given.linkedPostgres ?? []).filter((row) => row.mongoId === id)),
  });
  return {
    changes: Object.fromEntries(decisions.map(({ user, changes }) => [user, changes.map(lineOf)])),
    observed: Object.fromEntries(decisions.map(({ user, observed }) => [user, observed])),
    findings: draft.findings,
    blocked,
  };
}

function lineOf(change: DerivedChange): string {
  const address = change.op === 'insert' ? change.link : change.id;
  return [change.store, change.op, change.role, address, change.rule].join(' ');
}

function one<Row>(found: readonly Row[]): Row | 'several' | undefined {
  return found.length > 1 ? 'several' : found[0];
}

/** What is expected of a team: the changes by user, and what is told, as `code user`; nothing where nothing is said. */
interface Expected {
  readonly changes?: Readonly<Record<string, readonly string[]>>;
  readonly findings?: readonly string[];
  readonly blocked?: readonly string[];
}
type Example = readonly [name: string, team: GivenTeam, expected: Expected];

function outcomeOf(team: GivenTeam): Required<Expected> {
  const { changes, findings, blocked } = decide(team);
  const told = ({ code, user }: { code: string; user: string | null }): string => `${code} ${user}`;
  return { changes, findings: findings.map(told), blocked: blocked.map(told) };
}

/** The id that a role of this user gets where it is inserted into both stores. */
export const newId = (user: string, role: string): string => newLinkId(AS_OF, TEAM, user, role);
const NOTHING = { changes: {}, findings: [], blocked: [] };

/** A test for each team: all that the rules make of it, and nothing besides. */
export function examples(list: readonly Example[]): void {
  it.each(list)('%s', (_, team, expected) => {
    expect(outcomeOf(team)).toEqual({ ...NOTHING, ...expected });
  });
}

/** Beside a creator who lacks nothing. */
export const beside = (...users: GivenUser[]) => ({ users: [SETTLED_CREATOR, ...users] });
/** What becomes of the `admin` of Ann, the member, and of all that Ann, the stranger, holds. */
export const extra = (op: string) => ({ [ANN]: inBoth(op, { admin: 2 }, 'member-extra') });
export const held = (op: string, rule = 'outsider-holds') => ({ [ANN]: inBoth(op, { member: 1 }, rule) });
/** Ann, with a role too many; and Ann, who is no member. */
export const member = holder(ANN, ['member', 'admin']);
export const stranger = holder(ANN, ['member'], false);

import { judgeTeam, type Judgement, type JudgingTerms } from '../../../src/apply/judge.js';
import { judgeStore } from '../../../src/apply/judge-rows.js';
import { plannedTeam } from '../../../src/apply/planned-team.js';
import type { Change, Decision, MongoImage, PostgresImage } from '../../../src/model/decision.js';
import {
  LiveRows,
  type LiveMongoRow,
  type LivePostgresRow,
  type LiveStandings,
} from '../../../src/model/live.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { MongoRoleRow, PostgresRoleRow } from '../../../src/model/role-row.js';
import type { Team } from '../../../src/model/team.js';

export const TEAM_ID = '7ea300000000000000000001';
export const OTHER_TEAM_ID = '7ea300000000000000000002';
export const OWNER = '05e500000000000000000001';
export const ANN = '05e500000000000000000002';
export const BOB = '05e500000000000000000003';
/** A link: the Mongo `_id` and the Postgres `mongo_id`. */
export const LINK = 'a00000000000000000000001';
export const OTHER_LINK = 'a00000000000000000000002';
export const SERIAL = 71;
export const OTHER_SERIAL = 72;

export const TEAM: Team = { id: TEAM_ID, name: 'Blue', state: 'live', createdBy: OWNER };
export const TERMS: JudgingTerms = {
  mapping: DEFAULT_MAPPING,
  policy: DEFAULT_POLICY,
  preconditions: 'standings-and-rows',
};

/** The parts of a row that decisions depend on; whatever is not given is Ann's active `member` in the team. */
interface Parts {
  readonly user?: string | null;
  readonly team?: string | null;
  readonly role?: string | null;
  readonly scope?: string | null;
  readonly active?: boolean;
}

export function liveMongo(
  parts: Parts & { id?: string | null; idForm?: LiveMongoRow['idForm'] } = {},
): LiveMongoRow {
  const { id = LINK, user = ANN, team = TEAM_ID, role = 'member', scope = 'TEAM', active = true } = parts;
  return {
    store: 'mongo',
    id,
    link: id,
    idForm: parts.idForm ?? 'objectId',
    user,
    team,
    role,
    scope,
    active,
    image: () => ({}),
  };
}

export function livePostgres(parts: Parts & { id?: number; mongoId?: string | null } = {}): LivePostgresRow {
  const { id = SERIAL, user = ANN, team = TEAM_ID, role = 'member', scope = 'TEAM', active = true } = parts;
  const link = parts.mongoId === undefined ? LINK : parts.mongoId;
  return { store: 'postgres', id, link, idForm: null, user, team, role, scope, active, image: () => ({}) };
}

export interface LiveTeam {
  readonly standings: LiveStandings;
  readonly mongo: readonly LiveMongoRow[];
  readonly postgres: readonly LivePostgresRow[];
}

/** The facts as they are now: the team as planned with Ann as a member, unless said otherwise. */
export function live(given: Partial<LiveTeam['standings']> & Partial<LiveTeam>): LiveTeam {
  const { state = 'live', createdBy = OWNER, members = new Set([ANN]), mongo = [], postgres = [] } = given;
  return { standings: { state, createdBy, members }, mongo, postgres };
}

export function observedMongo(parts: Partial<MongoRoleRow> = {}): MongoRoleRow {
  return { id: LINK, role: 'member', active: true, ...parts };
}

export function observedPostgres(parts: Partial<PostgresRoleRow> = {}): PostgresRoleRow {
  return { id: SERIAL, mongoId: LINK, role: 'member', active: true, ...parts };
}

/** Ann's decision as a member, with the given facts and changes. */
export function decision(parts: Partial<Decision>): Decision {
  return {
    user: ANN,
    standing: 'member',
    member: true,
    observed: { mongo: [], postgres: [] },
    changes: [],
    ...parts,
  };
}

/** Both stores are judged, and then the team. */
export function judged(
  team: { readonly team: Team; readonly decisions: readonly Decision[] },
  { standings, mongo, postgres }: LiveTeam,
  terms: JudgingTerms,
): Judgement {
  const planned = plannedTeam(team, terms);
  const stores = [
    judgeStore('mongo', planned, new LiveRows(mongo)),
    judgeStore('postgres', planned, new LiveRows(postgres)),
  ];
  return judgeTeam(planned, stores, standings, terms);
}

/** A change of Ann's role in MongoDB: of the document that an observed row stands for, or of a new one. */
export function mongoChange(op: Change['op'], { id, role, active }: MongoRoleRow = observedMongo()): Change {
  const image: MongoImage = {
    _id: { $oid: id },
    user_id: ANN,
    role_name: role,
    scope: 'TEAM',
    team_id: TEAM_ID,
    is_active: op === 'insert' || active,
  };
  const reason = { store: 'mongo', role, rule: 'member-wants' } as const;
  return op === 'insert' ? { op, ...reason, after: image } : { op, ...reason, before: image };
}

/** The same in Postgres. */
export function postgresChange(
  op: Change['op'],
  { id, mongoId, role, active }: PostgresRoleRow = observedPostgres(),
): Change {
  const image: PostgresImage = {
    mongo_id: mongoId,
    user_id: ANN,
    role_name: role,
    scope: 'TEAM',
    team_id: TEAM_ID,
    is_active: op === 'insert' || active ? 't' : 'f',
  };
  const reason = { store: 'postgres', role, rule: 'member-wants' } as const;
  return op === 'insert'
    ? { op, ...reason, after: image }
    : { op, ...reason, before: { id: String(id), ...image } };
}

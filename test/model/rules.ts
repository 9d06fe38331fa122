import type { Block, BlockCode, Finding, FindingCode } from '../../src/model/finding.js';
import type { Policy } from '../../src/model/policy.js';
import type { Standing, TeamState } from '../../src/model/team.js';
import { bringRole, type ExpectedChange } from './link-table.js';
import {
  idOf,
  isActiveMembership,
  isFact,
  isOddMembership,
  isOddTeam,
  isUsableDocument,
  isUsableRow,
  readId,
  type MongoDocument,
  type PostgresRow,
  type World,
} from './world.js';

/*
 * docs/design.md, "The rules" a second time, written from its text and as plainly as possible: every question is
 * answered by searching the whole world. It shares no code with src/decide, so that the two can be held against each
 * other.
 */

export { expectedNewId, type ExpectedChange } from './link-table.js';
export type { MongoDocument, PostgresRow, World } from './world.js';

export interface ExpectedDecision {
  readonly team: string;
  readonly user: string;
  readonly standing: Standing;
  readonly member: boolean;
  /** The active rows and the inactive linked rows that were reactivated, sorted by id. */
  readonly observed: { readonly mongo: readonly MongoDocument[]; readonly postgres: readonly PostgresRow[] };
  readonly changes: readonly ExpectedChange[];
}

export interface ExpectedPlan {
  /** Users with at least one change. */
  readonly decisions: readonly ExpectedDecision[];
  /** Each one once, in no order. */
  readonly findings: readonly Finding[];
  /** Each one once, in no order. */
  readonly blocked: readonly Block[];
}

/** What a plan of this world must say, by the text of docs/design.md, "The rules". `asOf` in milliseconds since 1970. */
export function expectedPlan(world: World, policy: Policy, asOf: number): ExpectedPlan {
  const plan = new PlanUnderWay();
  for (const row of [...world.roles, ...world.rows].filter(isFact)) {
    if (readId(row['team_id']) === null) plan.finding('malformed-row', null, readId(row['user_id']));
    else if (readId(row['user_id']) === null) plan.finding('malformed-row', readId(row['team_id']), null);
  }
  for (const membership of world.memberships) {
    if (readId(membership['team_id']) === null && isOddMembership(membership, policy))
      plan.finding('odd-membership', null, readId(membership['user_id']));
    if (!isActiveMembership(membership, policy)) continue;
    // Not in the list of section 4, but a code of the vocabulary: nobody can say whose team this is.
    if (readId(membership['team_id']) === null) {
      plan.finding('malformed-membership', null, readId(membership['user_id']));
    }
  }
  for (const team of teamIds(world)) judgeTeam({ world, policy, asOf, plan }, team);
  return plan;
}

/** The world after the changes; nothing else in it differs. Inserted Postgres rows get the next free ids. */
export function applyChanges(world: World, changes: readonly ExpectedChange[]): World {
  let { roles, rows } = world;
  for (const change of changes) {
    if (change.store === 'mongo') roles = replaced(roles, change.before, change.after);
    else {
      const nextId = Math.max(0, ...rows.map((row) => row.id)) + 1;
      const inserted = change.before === null && change.after !== null;
      rows = replaced(rows, change.before, inserted ? { ...change.after, id: nextId } : change.after);
    }
  }
  return { ...world, roles, rows };
}

class PlanUnderWay implements ExpectedPlan {
  readonly decisions: ExpectedDecision[] = [];
  readonly findings: Finding[] = [];
  readonly blocked: Block[] = [];

  finding(code: FindingCode, team: string | null, user: string | null): void {
    if (this.findings.some((other) => other.code === code && other.team === team && other.user === user))
      return;
    this.findings.push({ code, team, user });
  }

  block(code: BlockCode, team: string, user: string | null): void {
    this.blocked.push({ code, team, user });
  }
}

interface Task {
  readonly world: World;
  readonly policy: Policy;
  readonly asOf: number;
  readonly plan: PlanUnderWay;
}

/** Everything about one team that is the same for all its users. */
interface TeamTask extends Task {
  readonly team: string;
  readonly state: TeamState;
  /** Null where every holder is an outsider. */
  readonly owner: string | null;
  readonly memberships: readonly MongoDocument[];
  readonly documents: readonly MongoDocument[];
  readonly rows: readonly PostgresRow[];
}

function judgeTeam(task: Task, team: string): void {
  const { world, policy, plan } = task;
  const document = world.teams.find((candidate) => readId(candidate['_id']) === team);
  const state = document === undefined ? 'missing' : document['is_deleted'] === true ? 'deleted' : 'live';
  const memberships = world.memberships.filter(
    (membership) => isActiveMembership(membership, policy) && readId(membership['team_id']) === team,
  );
  const documents = world.roles.filter((row) => isFact(row) && readId(row['team_id']) === team);
  const rows = world.rows.filter((row) => isFact(row) && readId(row.team_id) === team);
  const holdsRoles = documents.length + rows.length > 0;
  if (state === 'deleted' && holdsRoles) plan.finding('deleted-team-holds-roles', team, null);
  if (state === 'missing' && holdsRoles) plan.finding('missing-team', team, null);

  if (document !== undefined && isOddTeam(document)) plan.finding('odd-team-state', team, null);
  if (policy.exempt.teams.some(({ id }) => id === team)) {
    plan.finding('exempt', team, null);
    return;
  }
  if (state === 'deleted' && policy.deletedTeams === 'skip') return;
  if (state === 'missing' && policy.missingTeams === 'skip') return;
  const everybodyIsOutsider =
    state === 'missing' || (state === 'deleted' && policy.deletedTeams === 'deactivate');
  const owner = everybodyIsOutsider ? null : readId(document?.['created_by']);
  if (!everybodyIsOutsider) {
    for (const membership of world.memberships)
      if (readId(membership['team_id']) === team && isOddMembership(membership, policy))
        plan.finding('odd-membership', team, readId(membership['user_id']));
    const illegible = memberships.some((membership) => readId(membership['user_id']) === null);
    if (owner === null) plan.block('team-without-owner', team, null);
    if (illegible) plan.block('malformed-membership', team, null);
    if (owner === null || illegible) return;
  }
  const users = [owner, ...[...memberships, ...documents, ...rows].map((row) => readId(row['user_id']))];
  for (const user of new Set(users)) {
    if (user !== null) judgeUser({ ...task, team, state, owner, memberships, documents, rows }, user);
  }
}

function judgeUser(task: TeamTask, user: string): void {
  const { policy, plan, team, owner } = task;
  if (policy.exempt.users.some(({ id }) => id === user)) {
    // What would be decided otherwise is not, and that is told.
    const otherwise = new PlanUnderWay();
    const exempt = { ...policy.exempt, users: [] };
    judgeUser({ ...task, plan: otherwise, policy: { ...policy, exempt } }, user);
    if (otherwise.decisions.length + otherwise.blocked.length > 0) plan.finding('exempt', team, user);
    return;
  }
  const member = task.memberships.some((membership) => readId(membership['user_id']) === user);
  const ofUser = (row: MongoDocument | PostgresRow): boolean => readId(row['user_id']) === user;
  const allDocuments = task.documents.filter(ofUser);
  const allRows = task.rows.filter(ofUser);
  const documents = allDocuments.filter(isUsableDocument).sort(byDocumentId);
  const rows = allRows.filter(isUsableRow).sort(byRowId);
  const malformed = documents.length < allDocuments.length || rows.length < allRows.length;

  const everybodyIsOutsider = owner === null;
  const standing = everybodyIsOutsider
    ? 'outsider'
    : user === owner
      ? 'owner'
      : member
        ? 'member'
        : 'outsider';
  const wanted: readonly string[] = standing === 'outsider' ? [] : policy.wanted[standing];

  const roles = [documents.map((row) => row['role_name']), rows.map((row) => row.role_name)];
  if (roles.some((held) => new Set(held).size < held.length))
    plan.finding('duplicate-active-role', team, user);
  if (standing === 'owner' && !member) plan.finding('owner-without-membership', team, user);
  if (standing === 'owner' && roles.flat().some((role) => !wanted.includes(String(role)))) {
    plan.finding('unknown-role', team, user);
  }
  const skipped = standing === 'owner' && !member && policy.ownerWithoutMembership === 'skip';
  const rule = standing === 'owner' ? 'owner-wants' : 'member-wants';
  const outcomes = (skipped ? [] : wanted).map((role) =>
    bringRole({ ...task, user, documents, rows, role, rule }),
  );
  if (outcomes.some((outcome) => outcome.unlinked)) plan.finding('unlinked-row', team, user);
  if (malformed) {
    plan.block('malformed-row', team, user);
    return;
  }
  const changes: ExpectedChange[] = [];
  for (const outcome of outcomes) {
    if (outcome.changes === 'link-conflict') {
      plan.block('link-conflict', team, user);
      return;
    }
    changes.push(...outcome.changes);
  }
  changes.push(...removals(task, standing, wanted, documents, rows));
  if (changes.length === 0) return;
  // One id as ObjectId and as string: the plan addresses documents by their digits.
  if (new Set(documents.map(idOf)).size < documents.length) {
    plan.block('link-conflict', team, user);
    return;
  }
  const observed = { mongo: [...documents], postgres: [...rows] };
  for (const change of changes) {
    if (change.op !== 'reactivate' || change.before === null) continue;
    if (change.store === 'mongo') observed.mongo.push(change.before);
    else observed.postgres.push(change.before);
  }
  observed.mongo.sort(byDocumentId);
  observed.postgres.sort(byRowId);
  plan.decisions.push({ team, user, standing, member, observed, changes });
}

/** The column "other active rows" of the standing table. */
function removals(
  task: TeamTask,
  standing: Standing,
  wanted: readonly string[],
  documents: readonly MongoDocument[],
  rows: readonly PostgresRow[],
): ExpectedChange[] {
  const { policy, state, asOf } = task;
  if (standing === 'owner') return [];
  const op = standing === 'member' ? policy.memberExtras : policy.outsiders;
  if (op === 'keep') return [];
  const outsiderRules = {
    live: 'outsider-holds',
    deleted: 'deleted-team-holds',
    missing: 'missing-team-holds',
  } as const;
  const rule = standing === 'member' ? 'member-extra' : outsiderRules[state];
  const changes: ExpectedChange[] = [];
  for (const before of documents) {
    const role = String(before['role_name']);
    const after = op === 'delete' ? null : { ...before, is_active: false };
    if (!wanted.includes(role)) changes.push({ store: 'mongo', op, role, rule, before, after });
  }
  for (const before of rows) {
    const role = before.role_name;
    const after = op === 'delete' ? null : { ...before, is_active: false, last_sync_at: new Date(asOf) };
    if (!wanted.includes(role)) changes.push({ store: 'postgres', op, role, rule, before, after });
  }
  return changes;
}

function teamIds(world: World): Set<string> {
  const named = [
    ...world.teams.map((team) => readId(team['_id'])),
    ...[...world.roles, ...world.rows].filter(isFact).map((row) => readId(row['team_id'])),
  ];
  return new Set(named.filter((id) => id !== null));
}

function byDocumentId(a: MongoDocument, b: MongoDocument): number {
  return idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0;
}

function byRowId(a: PostgresRow, b: PostgresRow): number {
  return a.id - b.id;
}

function replaced<Row>(all: readonly Row[], before: Row | null, after: Row | null): readonly Row[] {
  if (before !== null && !all.includes(before)) throw new Error('the row to change is not in this world');
  const added = after === null ? [] : [after];
  return before === null ? [...all, ...added] : all.flatMap((row) => (row === before ? added : [row]));
}

import { standingOf } from '../decide/standing.js';
import { mongoImageId, postgresImageId, postgresImageLink } from '../files/row-image.js';
import { inUndoingOrder, inverseOf, type UndoingChange } from '../files/plan/undo.js';
import { doubledRole, isActiveIn } from '../files/plan/check/undo-check.js';
import { byCodeUnit, isId } from '../model/id.js';
import type { LiveMongoRow, LivePostgresRow } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import { isRoleName } from '../model/role-name.js';
import {
  STORES,
  TEAM_SCOPE,
  type MongoRoleRow,
  type PostgresRoleRow,
  type RoleRows,
} from '../model/role-row.js';
import { bySerialId } from '../model/serial-id.js';
import type { Team } from '../model/team.js';
import type { Undo, UndoDecision } from '../model/undo.js';
import type { LiveRows } from './live-rows.js';

/** What is to be taken back of one user in one team: a decision, nothing (any more), or nothing for a person's sake. */
export type UndoVerdict =
  | { readonly kind: 'nothing' | 'changed-since' }
  | { readonly kind: 'decision'; readonly decision: UndoDecision };

/** One user in one team, and what the receipt says was done to the roles. */
export interface UndoneUser {
  readonly team: Team;
  readonly user: string;
  /** The user has an active membership. */
  readonly member: boolean;
  readonly applied: readonly Undo[];
}

type MongoUndo = Extract<Undo, { store: 'mongo' }>;
type PostgresUndo = Extract<Undo, { store: 'postgres' }>;

/**
 * Where a row stands: as the applied change left it, so that it can be taken back; as it was before (the change was never
 * committed, or was taken back already); or neither: somebody has changed it since.
 */
type RowState = 'after' | 'before' | 'changed';

/**
 * Decides what of the applied changes is taken back. The live rows decide, whatever the outcome that the receipt has, by
 * identity, activity and link alone (docs/design.md, "Apply"): what else was written into a row since, and columns that
 * were added, are no change. One row that is otherwise, or a role that would come back beside an active row of the same
 * role, blocks the user in this team.
 */
export function undoUser(of: UndoneUser, live: LiveRows, mapping: Mapping): UndoVerdict {
  const { team, user, member, applied } = of;
  const pairs: { readonly undo: Undo; readonly change: UndoingChange }[] = [];
  for (const undo of applied) {
    switch (
      undo.store === 'mongo' ? mongoState(undo, of, live, mapping) : postgresState(undo, of, live, mapping)
    ) {
      case 'changed':
        return CHANGED_SINCE;
      case 'before':
        break;
      case 'after':
        pairs.push({ undo, change: inverseOf(undo, mapping) });
    }
  }
  if (pairs.length === 0) return { kind: 'nothing' };
  pairs.sort((a, b) => inUndoingOrder(a.change, b.change, mapping));
  const changes = pairs.map(({ change }) => change);
  const undo = pairs.map((pair) => pair.undo);
  const observed = observedRows(of, undo, live, mapping);
  if (observed === null) return CHANGED_SINCE;
  const standing = standingOf(team, user, member, 'by-membership');
  const decision: UndoDecision = { user, standing, member, observed, changes, undo };
  if (STORES.some((store) => doubledRole(store, decision, mapping) !== undefined)) return CHANGED_SINCE;
  // Two rows that only their serial ids told apart could not be told apart when they come back.
  const alike = changes.some((change, index) => {
    const before = changes[index - 1];
    return before !== undefined && inUndoingOrder(before, change, mapping) === 0;
  });
  return alike ? CHANGED_SINCE : { kind: 'decision', decision };
}

const CHANGED_SINCE: UndoVerdict = { kind: 'changed-since' };

function mongoState(undo: MongoUndo, of: UndoneUser, live: LiveRows, mapping: Mapping): RowState {
  const id = mongoImageId(undo.after ?? undo.before, mapping);
  const [row, ...others] = live.mongo(id ?? '');
  if (others.length > 0) return 'changed';
  const state = stateOf(undo, of, row, id);
  return undo.op === 'insert' && state === 'before' && holdsRole(undo, of, live) ? 'changed' : state;
}

function postgresState(undo: PostgresUndo, of: UndoneUser, live: LiveRows, mapping: Mapping): RowState {
  const image = undo.after ?? undo.before;
  const link = postgresImageLink(image, mapping) ?? null;
  const row = live.postgres(postgresImageId(image, mapping) ?? '');
  const state = stateOf(undo, of, row, link);
  if (row !== undefined) return state;
  // It is gone, but may have come back already, under another serial id.
  const heirs =
    link === null
      ? live.activeOf(of.team.id, of.user).postgres.filter(({ mongoId }) => mongoId === null)
      : live.linked(link);
  switch (undo.op) {
    case 'insert':
      return heirs.length > 0 || holdsRole(undo, of, live) ? 'changed' : state;
    case 'delete':
      if (heirs.some((heir) => isRow(heir, undo, 'before', of, link))) return 'before';
      return link !== null && heirs.length > 0 ? 'changed' : state;
    default:
      return state;
  }
}

type LiveRow = LiveMongoRow | LivePostgresRow;

function stateOf(undo: Undo, of: UndoneUser, found: LiveRow | undefined, link: string | null): RowState {
  const stands = (side: 'before' | 'after'): boolean =>
    undo[side] === null ? found === undefined : found !== undefined && isRow(found, undo, side, of, link);
  if (stands('after')) return 'after';
  return stands('before') ? 'before' : 'changed';
}

/** Whether a row is the one of a receipt's entry, as it was before it or is after it; what else it holds does not count. */
function isRow(
  row: LiveRow,
  undo: Undo,
  side: 'before' | 'after',
  { team, user }: UndoneUser,
  link: string | null,
): boolean {
  return (
    row.user === user &&
    row.team === team.id &&
    row.scope === TEAM_SCOPE &&
    row.role === undo.role &&
    row.active === isActiveIn(undo, side) &&
    (row.store === 'mongo' ? row.id : row.mongoId) === link
  );
}

/** The role was given anew, by a row that the receipt does not know: what it knows is not all there is to take back. */
function holdsRole({ store, role }: Undo, { team, user }: UndoneUser, live: LiveRows): boolean {
  return live.activeOf(team.id, user)[store].some((row) => row.role === role);
}

/** The user's active rows and the inactive ones that come back; null where one of them cannot stand in a plan. */
function observedRows(
  { team, user }: UndoneUser,
  undo: readonly Undo[],
  live: LiveRows,
  mapping: Mapping,
): RoleRows | null {
  const active = live.activeOf(team.id, user);
  const mongo = new Set(active.mongo);
  const postgres = new Set(active.postgres);
  for (const one of undo) {
    if (one.op !== 'deactivate') continue;
    if (one.store === 'mongo')
      for (const row of live.mongo(mongoImageId(one.after, mapping) ?? '')) mongo.add(row);
    else {
      const row = live.postgres(postgresImageId(one.after, mapping) ?? '');
      if (row !== undefined) postgres.add(row);
    }
  }
  const rows = {
    mongo: [...mongo].map((row) => mongoRow(row, mapping)).filter((row) => row !== null),
    postgres: [...postgres].map((row) => postgresRow(row, mapping)).filter((row) => row !== null),
  };
  const complete = rows.mongo.length === mongo.size && rows.postgres.length === postgres.size;
  // One id as ObjectId and as string: nothing could tell which of the two is meant.
  const distinct = new Set(rows.mongo.map(({ id }) => id)).size === rows.mongo.length;
  if (!complete || !distinct) return null;
  return {
    mongo: rows.mongo.sort((a, b) => byCodeUnit(a.id, b.id)),
    postgres: rows.postgres.sort((a, b) => bySerialId(a.id, b.id)),
  };
}

function mongoRow({ id, role, active }: LiveMongoRow, { ids }: Mapping): MongoRoleRow | null {
  if (id === null || !isId(id, ids) || role === null || !isRoleName(role)) return null;
  return { id, role, active };
}

function postgresRow(
  { id, mongoId, role, active }: LivePostgresRow,
  { ids }: Mapping,
): PostgresRoleRow | null {
  if (mongoId !== null && !isId(mongoId, ids)) return null;
  if (role === null || !isRoleName(role)) return null;
  return { id, mongoId, role, active };
}

import { standingOf } from '../decide/standing.js';
import { addressOf } from '../files/row-image.js';
import { inUndoingOrder, inverseOf, type UndoingChange } from '../files/plan/undo.js';
import { doubledRole, isActiveIn } from '../files/plan/check/undo-check.js';
import { byCodeUnit, isId, bySerialId } from '../model/id.js';
import type { LiveMongoRow, LivePostgresRow, LiveRow } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import { isRoleName } from '../model/policy.js';
import {
  STORES,
  TEAM_SCOPE,
  type MongoRoleRow,
  type PostgresRoleRow,
  type RoleRows,
  type Store,
} from '../model/role-row.js';
import type { Team } from '../model/team.js';
import type { Undo, UndoDecision } from '../model/decision.js';
import type { LiveTeams } from '../stores/live-reader.js';

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

/** The live rows of several teams. */
type Rows = Pick<LiveTeams, Store>;

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
export function undoUser(of: UndoneUser, live: Rows, mapping: Mapping): UndoVerdict {
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

function mongoState(undo: MongoUndo, of: UndoneUser, live: Rows, mapping: Mapping): RowState {
  const { id, link } = addressOf(undo, mapping);
  const [row, ...others] = live.mongo.byId(id);
  if (others.length > 0) return 'changed';
  const state = stateOf(undo, of, row, link);
  return undo.op === 'insert' && state === 'before' && holdsRole(undo, of, live) ? 'changed' : state;
}

function postgresState(undo: PostgresUndo, of: UndoneUser, live: Rows, mapping: Mapping): RowState {
  const { id, link } = addressOf(undo, mapping);
  const row = live.postgres.byId(id).at(-1);
  const state = stateOf(undo, of, row, link);
  if (row !== undefined) return state;
  // It is gone, but may have come back already, under another serial id.
  const heirs =
    link === null
      ? live.postgres.activeOf(of.team.id, of.user).filter((heir) => heir.link === null)
      : live.postgres.byLink(link);
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
    row.link === link
  );
}

/** The role was given anew, by a row that the receipt does not know: what it knows is not all there is to take back. */
function holdsRole({ store, role }: Undo, { team, user }: UndoneUser, live: Rows): boolean {
  return live[store].activeOf(team.id, user).some((row) => row.role === role);
}

/** The user's active rows and the inactive ones that come back; null where one of them cannot stand in a plan. */
function observedRows(
  { team, user }: UndoneUser,
  undo: readonly Undo[],
  live: Rows,
  mapping: Mapping,
): RoleRows | null {
  const mongo = new Set(live.mongo.activeOf(team.id, user));
  const postgres = new Set(live.postgres.activeOf(team.id, user));
  for (const one of undo) {
    if (one.op !== 'deactivate') continue;
    const { id } = addressOf(one, mapping);
    if (one.store === 'mongo') for (const row of live.mongo.byId(id)) mongo.add(row);
    else for (const row of live.postgres.byId(id).slice(-1)) postgres.add(row);
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

function postgresRow({ id, link, role, active }: LivePostgresRow, { ids }: Mapping): PostgresRoleRow | null {
  if (link !== null && !isId(link, ids)) return null;
  if (role === null || !isRoleName(role)) return null;
  return { id, mongoId: link, role, active };
}

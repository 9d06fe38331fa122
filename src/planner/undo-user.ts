import { standingOf } from '../decide/standing.js';
import { inUndoingOrder, type Undoing } from '../files/plan/undo.js';
import { doubledRole, isActiveIn } from '../files/plan/check/undo-check.js';
import { byCodeUnit, bySerialId, isId, type IdType } from '../model/id.js';
import type { LiveMongoRow, LivePostgresRow, LiveRow } from '../model/live.js';
import { isRoleName } from '../model/policy.js';
import { TEAM_SCOPE, type MongoRoleRow, type PostgresRoleRow, type RoleRows } from '../model/role-row.js';
import { STORES, type Store } from '../model/store.js';
import type { Team } from '../model/team.js';
import type { Undo, UndoDecision } from '../model/decision.js';
import type { LiveTeams } from '../stores/live-reader.js';

/** `changed-since`: somebody has changed a row since the apply, so a person must decide. */
export type UndoVerdict =
  | { readonly kind: 'nothing' | 'changed-since' }
  | { readonly kind: 'decision'; readonly decision: UndoDecision };

/** One user in one team, and the changes that the receipt recorded. */
export interface UndoneUser {
  readonly team: Team;
  readonly user: string;
  readonly member: boolean;
  readonly applied: readonly Undoing[];
}

type Rows = Pick<LiveTeams, Store>;

/** `before`: the change was never committed, or was taken back already. `changed`: somebody has changed the row. */
type RowState = 'after' | 'before' | 'changed';

/**
 * Decides which changes are taken back, by the live rows alone, never by the receipt's outcomes. Only identity, activity
 * and link count (docs/design.md, "Apply"). One changed row blocks the user in this team, and so does a role that would
 * come back beside an active row.
 */
export function undoUser(of: UndoneUser, live: Rows, ids: IdType): UndoVerdict {
  const { team, user, member, applied } = of;
  const standing: Undoing[] = [];
  for (const one of applied) {
    const state = one.undo.store === 'mongo' ? mongoState(one, of, live) : postgresState(one, of, live);
    if (state === 'changed') return CHANGED_SINCE;
    if (state === 'after') standing.push(one);
  }
  if (standing.length === 0) return { kind: 'nothing' };
  standing.sort(inUndoingOrder);
  const observed = observedRows(of, standing, live, ids);
  if (observed === null) return CHANGED_SINCE;
  if (STORES.some((store) => doubledRole(store, standing, observed) !== undefined)) return CHANGED_SINCE;
  // Rows that only their serial ids told apart would be indistinguishable when they come back.
  const alike = standing.some((one, index) => {
    const before = standing[index - 1];
    return before !== undefined && inUndoingOrder(before, one) === 0;
  });
  if (alike) return CHANGED_SINCE;
  const decision: UndoDecision = {
    user,
    standing: standingOf(team, user, member, 'by-membership'),
    member,
    observed,
    changes: standing.map(({ change }) => change),
    undo: standing.map(({ undo }) => undo),
  };
  return { kind: 'decision', decision };
}

const CHANGED_SINCE: UndoVerdict = { kind: 'changed-since' };

function mongoState(one: Undoing, of: UndoneUser, live: Rows): RowState {
  const [row, ...others] = live.mongo.byId(one.row.id);
  if (others.length > 0) return 'changed';
  const state = stateOf(one, of, row);
  return one.undo.op === 'insert' && state === 'before' && holdsRole(one.undo, of, live) ? 'changed' : state;
}

function postgresState(one: Undoing, of: UndoneUser, live: Rows): RowState {
  const { undo } = one;
  const { link } = one.row;
  const row = live.postgres.byId(one.row.id).at(-1);
  const state = stateOf(one, of, row);
  if (row !== undefined) return state;
  // The row is gone, but may have come back already under another serial id.
  const heirs =
    link === null
      ? live.postgres.activeOf(of.team.id, of.user).filter((heir) => heir.link === null)
      : live.postgres.byLink(link);
  switch (undo.op) {
    case 'insert':
      return heirs.length > 0 || holdsRole(undo, of, live) ? 'changed' : state;
    case 'delete':
      if (heirs.some((heir) => isRow(heir, one, 'before', of))) return 'before';
      return link !== null && heirs.length > 0 ? 'changed' : state;
    default:
      return state;
  }
}

function stateOf(one: Undoing, of: UndoneUser, found: LiveRow | undefined): RowState {
  const stands = (side: 'before' | 'after'): boolean =>
    one.undo[side] === null ? found === undefined : found !== undefined && isRow(found, one, side, of);
  if (stands('after')) return 'after';
  return stands('before') ? 'before' : 'changed';
}

/** Whether a row is the one in a receipt's entry, before or after its change. Other fields do not count. */
function isRow(
  row: LiveRow,
  { undo, row: { link } }: Undoing,
  side: 'before' | 'after',
  { team, user }: UndoneUser,
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

/** Whether a row that the receipt does not know gives the role again: taking back the known ones would not be all. */
function holdsRole({ store, role }: Undo, { team, user }: UndoneUser, live: Rows): boolean {
  return live[store].activeOf(team.id, user).some((row) => row.role === role);
}

/** The user's active rows and the inactive ones that come back; null if one of them cannot stand in a plan. */
function observedRows(
  { team, user }: UndoneUser,
  undoings: readonly Undoing[],
  live: Rows,
  ids: IdType,
): RoleRows | null {
  const mongo = new Set(live.mongo.activeOf(team.id, user));
  const postgres = new Set(live.postgres.activeOf(team.id, user));
  for (const { undo, row } of undoings) {
    if (undo.op !== 'deactivate') continue;
    if (undo.store === 'mongo') for (const found of live.mongo.byId(row.id)) mongo.add(found);
    else for (const found of live.postgres.byId(row.id).slice(-1)) postgres.add(found);
  }
  const rows = {
    mongo: [...mongo].map((row) => mongoRow(row, ids)).filter((row) => row !== null),
    postgres: [...postgres].map((row) => postgresRow(row, ids)).filter((row) => row !== null),
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

function mongoRow({ id, role, active }: LiveMongoRow, ids: IdType): MongoRoleRow | null {
  if (id === null || !isId(id, ids) || role === null || !isRoleName(role)) return null;
  return { id, role, active };
}

function postgresRow({ id, link, role, active }: LivePostgresRow, ids: IdType): PostgresRoleRow | null {
  if (link !== null && !isId(link, ids)) return null;
  if (role === null || !isRoleName(role)) return null;
  return { id, mongoId: link, role, active };
}

import { standingOf } from '../../../decide/standing.js';
import type { Undo, UndoDecision } from '../../../model/decision.js';
import type { SerialId } from '../../../model/id.js';
import type { Mapping } from '../../../model/mapping.js';
import type { MongoRoleRow, PostgresRoleRow, RoleRows } from '../../../model/role-row.js';
import { STORES, type Store } from '../../../model/store.js';
import { Defect } from '../../defect.js';
import { demandIdentity, demandMappedColumns, fieldNames } from './image-check.js';
import { imagedRow, type ImagedRow } from '../../row-image.js';
import type { PlanTeamHead } from '../schema.js';
import { inUndoingOrder, undoing, type Undoing } from '../undo.js';

/**
 * Checks that a decision of a revert plan takes back exactly what its `undo` says. The changes are the inverse, in order.
 * Both rows of each undo are one row of this user, team and role. Nothing comes back beside an active row of the same
 * role. Only the receipt proves that `undo` was ever applied.
 *
 * @throws Defect
 */
export function checkUndoing(decision: UndoDecision, team: PlanTeamHead, mapping: Mapping): void {
  const { user, standing, member, observed, changes, undo } = decision;
  const wanted = standingOf(team, user, member, 'by-membership');
  if (standing !== wanted) throw new Defect('standing', `is not ${wanted}`);
  if (changes.length !== undo.length) throw new Defect('changes', 'are not as many as undo has');
  const context = { team: team.id, decision, mapping };
  const undoings: Undoing[] = [];
  for (const [index, undone] of undo.entries()) {
    checkUndone(undone, `undo[${index}]`, context);
    const field = `changes[${index}]`;
    const one = undoing(undone, mapping);
    if (JSON.stringify(changes[index]) !== JSON.stringify(one.change)) {
      throw new Defect(field, `is not the inverse of undo[${index}]`);
    }
    const before = undoings.at(-1);
    if (before !== undefined && inUndoingOrder(before, one) >= 0) {
      throw new Defect(field, 'does not come after the one before');
    }
    checkObserved(one, observed, field);
    undoings.push(one);
  }
  checkNothingElseObserved(undoings, observed);
  checkNothingDoubled(undoings, observed);
}

interface UndoneContext {
  readonly team: string;
  readonly decision: Pick<UndoDecision, 'user'>;
  readonly mapping: Mapping;
}

/** @throws Defect where the images are not of one row of this user, team and role, active as the operation has it */
export function checkUndone(undo: Undo, field: string, context: UndoneContext): void {
  const before = undo.before === null ? null : checkImage(undo, 'before', field, context);
  const after = undo.after === null ? null : checkImage(undo, 'after', field, context);
  if (before !== null && after !== null && (before.id !== after.id || before.link !== after.link)) {
    throw new Defect(`${field}.after`, 'is not the row that before is');
  }
}

function checkImage(undo: Undo, side: 'before' | 'after', field: string, context: UndoneContext): ImagedRow {
  const { mapping } = context;
  const at = `${field}.${side}`;
  const names = fieldNames(undo.store, mapping);
  if (undo.store === 'postgres') demandMappedColumns(undo[side] ?? {}, mapping, at);
  const row = imagedRow(undo, side, mapping);
  if (row.id === null)
    throw new Defect(`${at}.${names.id}`, `is not a ${undo.store === 'mongo' ? 'well-formed' : 'serial'} id`);
  if (row.link === undefined) throw new Defect(`${at}.${names.mongoId}`, 'is not a well-formed id');
  demandIdentity(row, isActiveIn(undo, side), undo.role, names, { ...context, field: at });
  return row;
}

/** A row is active before it is taken away, and after it is given. */
export function isActiveIn({ op }: Pick<Undo, 'op'>, side: 'before' | 'after'): boolean {
  return (side === 'before') === (op === 'delete' || op === 'deactivate');
}

/** A row that a change alters must be observed; a row that comes back must not. */
function checkObserved({ undo, change, row }: Undoing, observed: RoleRows, field: string): void {
  const rows: readonly (MongoRoleRow | PostgresRoleRow)[] = observed[undo.store];
  const found = rows.find(({ id }) => id === row.id);
  if (change.op === 'insert') {
    if (found !== undefined) throw new Defect(field, 'brings back a row that is observed');
    return;
  }
  if (found === undefined) throw new Defect(field, 'alters a row that is not observed');
  const active = change.op !== 'reactivate';
  const link = 'mongoId' in found ? found.mongoId : found.id;
  if (found.role !== change.role || found.active !== active || link !== row.link) {
    throw new Defect(field, 'alters a row that is observed otherwise');
  }
}

/** Unless it is reactivated, an inactive row is history and must not be observed. */
function checkNothingElseObserved(undoings: readonly Undoing[], observed: RoleRows): void {
  for (const store of STORES) {
    const reactivated = undoings.filter(({ change }) => change.store === store && change.op === 'reactivate');
    const ids = new Set(reactivated.map(({ row }) => row.id));
    for (const [index, row] of observed[store].entries()) {
      if (!row.active && !ids.has(row.id))
        throw new Defect(`observed.${store}[${index}]`, 'is inactive, and no change reactivates it');
    }
  }
}

function checkNothingDoubled(undoings: readonly Undoing[], observed: RoleRows): void {
  for (const store of STORES) {
    const role = doubledRole(store, undoings, observed);
    if (role === undefined) continue;
    const index = undoings.findIndex(({ change }) => change.store === store && change.role === role);
    throw new Defect(`changes[${index}]`, 'would stand beside an active row of the same role');
  }
}

/** The role that would come back beside an active row of the same role; undefined: none. */
export function doubledRole(
  store: Store,
  undoings: readonly Undoing[],
  observed: RoleRows,
): string | undefined {
  const gone = new Set<SerialId | null>();
  const back = new Set<string>();
  for (const { change, row } of undoings) {
    if (change.store !== store) continue;
    if (change.op === 'delete' || change.op === 'deactivate') gone.add(row.id);
    else back.add(change.role);
  }
  return observed[store].find((row) => row.active && !gone.has(row.id) && back.has(row.role))?.role;
}

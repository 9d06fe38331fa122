import { standingOf } from '../../../decide/standing.js';
import type { PostgresImage } from '../../../model/decision.js';
import type { Mapping } from '../../../model/mapping.js';
import { STORES, type MongoRoleRow, type PostgresRoleRow, type Store } from '../../../model/role-row.js';
import type { Undo, UndoDecision } from '../../../model/undo.js';
import { Defect } from '../../defect.js';
import { demandIdentity, demandMappedColumns } from './image-check.js';
import {
  mongoIdentity,
  mongoImageId,
  postgresIdentity,
  postgresImageId,
  postgresImageLink,
} from '../../row-image.js';
import type { PlanTeamHead } from '../schema.js';
import { inUndoingOrder, inverseOf, type UndoingChange } from '../undo.js';

/** Which row an image is of: by its id and link, each null where it has none. */
interface RowKey {
  readonly id: string | number;
  readonly link: string | null;
}

/**
 * Checks that a decision of a revert plan takes back exactly what its `undo` says: the changes are the inverse, in order;
 * both rows of each undo are the same row of this user, team and role; what is there now stands in `observed`, and
 * nothing comes back beside an active row of the same role. That `undo` was ever applied is what the receipt proves.
 *
 * @throws Defect
 */
export function checkUndoing(decision: UndoDecision, team: PlanTeamHead, mapping: Mapping): void {
  const { user, standing, member, changes, undo } = decision;
  const wanted = standingOf(team, user, member, 'by-membership');
  if (standing !== wanted) throw new Defect('standing', `is not ${wanted}`);
  if (changes.length !== undo.length) throw new Defect('changes', 'are not as many as undo has');
  const context = { team: team.id, decision, mapping };
  for (const [index, undone] of undo.entries()) {
    checkUndone(undone, `undo[${index}]`, context);
    const field = `changes[${index}]`;
    const change = changes[index];
    if (change === undefined || JSON.stringify(change) !== JSON.stringify(inverseOf(undone, mapping))) {
      throw new Defect(field, `is not the inverse of undo[${index}]`);
    }
    const before = changes[index - 1];
    if (before !== undefined && inUndoingOrder(before, change, mapping) >= 0) {
      throw new Defect(field, 'does not come after the one before');
    }
    checkObserved(change, undone, field, context);
  }
  checkNothingElseObserved(decision, mapping);
  checkNothingDoubled(decision, mapping);
}

interface UndoneContext {
  readonly team: string;
  readonly decision: Pick<UndoDecision, 'user'>;
  readonly mapping: Mapping;
}

interface UndoContext extends UndoneContext {
  readonly decision: UndoDecision;
}

/**
 * Checks that both images are of one row of this user, team and role, whose activity fits the operation.
 *
 * @throws Defect
 */
export function checkUndone(undo: Undo, field: string, context: UndoneContext): void {
  const before = undo.before === null ? null : checkImage(undo, 'before', field, context);
  const after = undo.after === null ? null : checkImage(undo, 'after', field, context);
  if (before !== null && after !== null && (before.id !== after.id || before.link !== after.link)) {
    throw new Defect(`${field}.after`, 'is not the row that before is');
  }
}

function checkImage(undo: Undo, side: 'before' | 'after', field: string, context: UndoneContext): RowKey {
  const { mapping } = context;
  const at = `${field}.${side}`;
  const active = isActiveIn(undo, side);
  if (undo.store === 'mongo') {
    const image = undo[side] ?? {};
    const id = mongoImageId(image, mapping);
    if (id === null) throw new Defect(`${at}._id`, 'is not a well-formed id');
    demandIdentity(mongoIdentity(image, mapping), active, undo.role, mapping.mongo.roles, {
      ...context,
      field: at,
    });
    return { id, link: id };
  }
  const image: PostgresImage = undo[side] ?? {};
  const { columns } = mapping.postgres;
  demandMappedColumns(image, columns, at);
  const id = postgresImageId(image, mapping);
  if (id === null) throw new Defect(`${at}.${columns.id}`, 'is not a serial id');
  const link = postgresImageLink(image, mapping);
  if (link === undefined) throw new Defect(`${at}.${columns.mongoId}`, 'is not a well-formed id');
  demandIdentity(postgresIdentity(image, mapping), active, undo.role, columns, { ...context, field: at });
  return { id, link };
}

/** Before it was taken away it was active; after it was given it is. */
export function isActiveIn({ op }: Pick<Undo, 'op'>, side: 'before' | 'after'): boolean {
  return (side === 'before') === (op === 'delete' || op === 'deactivate');
}

/** The row that a change alters is observed as it is; the row that comes back is not. */
function checkObserved(
  change: UndoingChange,
  undo: Undo,
  field: string,
  { decision: { observed }, mapping }: UndoContext,
): void {
  const found =
    undo.store === 'mongo'
      ? observed.mongo.find((row) => row.id === idOf(undo, mapping))
      : observed.postgres.find((row) => row.id === idOf(undo, mapping));
  if (change.op === 'insert') {
    if (found !== undefined) throw new Defect(field, 'brings back a row that is observed');
    return;
  }
  if (found === undefined) throw new Defect(field, 'alters a row that is not observed');
  const active = change.op !== 'reactivate';
  const link = undo.store === 'postgres' ? (postgresImageLink(undo.after ?? {}, mapping) ?? null) : null;
  if (found.role !== change.role || found.active !== active || linkOf(found) !== link) {
    throw new Defect(field, 'alters a row that is observed otherwise');
  }
}

function idOf(undo: Undo, mapping: Mapping): string | number | null {
  return undo.store === 'mongo'
    ? mongoImageId(undo.after ?? undo.before, mapping)
    : postgresImageId(undo.after ?? undo.before, mapping);
}

function linkOf(row: MongoRoleRow | PostgresRoleRow): string | null {
  return 'mongoId' in row ? row.mongoId : null;
}

/** Inactive rows are history unless they are changed. */
function checkNothingElseObserved({ observed, changes, undo }: UndoDecision, mapping: Mapping): void {
  for (const store of STORES) {
    const reactivated = new Set(
      undo.flatMap((undone, index) =>
        undone.store === store && changes[index]?.op === 'reactivate' ? [idOf(undone, mapping)] : [],
      ),
    );
    for (const [index, row] of observed[store].entries()) {
      if (!row.active && !reactivated.has(row.id))
        throw new Defect(`observed.${store}[${index}]`, 'is inactive, and no change reactivates it');
    }
  }
}

function checkNothingDoubled(decision: UndoDecision, mapping: Mapping): void {
  for (const store of STORES) {
    const role = doubledRole(store, decision, mapping);
    if (role === undefined) continue;
    const index = decision.changes.findIndex((change) => change.store === store && change.role === role);
    throw new Defect(`changes[${index}]`, 'would stand beside an active row of the same role');
  }
}

/** The role of which a user would hold one more active row than what is taken back accounts for; undefined: none. */
export function doubledRole(
  store: Store,
  { observed, changes, undo }: UndoDecision,
  mapping: Mapping,
): string | undefined {
  const gone = new Set<string | number | null>();
  const back = new Set<string>();
  for (const [index, { store: where, op, role }] of changes.entries()) {
    const undone = undo[index];
    if (where !== store || undone === undefined) continue;
    if (op === 'delete' || op === 'deactivate') gone.add(idOf(undone, mapping));
    else back.add(role);
  }
  return observed[store].find((row) => row.active && !gone.has(row.id) && back.has(row.role))?.role;
}

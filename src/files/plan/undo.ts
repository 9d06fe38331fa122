import type { Change, PostgresImage, Undo } from '../../model/decision.js';
import { byCodeUnit, bySerialId } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import type { RowAddress } from '../../model/role-row.js';
import { addressOf } from '../row-image.js';

export type UndoingChange = Change<'undo'>;

/** An applied change, where its row stands, and the change that takes it back. */
export interface Undoing {
  readonly undo: Undo;
  readonly row: RowAddress;
  readonly change: UndoingChange;
}

export function undoing(undo: Undo, mapping: Mapping): Undoing {
  return { undo, row: addressOf(undo, mapping), change: inverseOf(undo, mapping) };
}

const INVERSE = { insert: 'delete', deactivate: 'reactivate', reactivate: 'deactivate' } as const;

/**
 * The change that takes an applied one back. A Postgres row comes back without its serial id, because the sequence would
 * not know of it; the database gives a new one.
 */
function inverseOf(undo: Undo, mapping: Mapping): UndoingChange {
  const reason = { role: undo.role, rule: 'undo' } as const;
  if (undo.op === 'delete') {
    return undo.store === 'mongo'
      ? { op: 'insert', store: 'mongo', ...reason, after: undo.before }
      : { op: 'insert', store: 'postgres', ...reason, after: withoutSerialId(undo.before, mapping) };
  }
  const op = INVERSE[undo.op];
  return undo.store === 'mongo'
    ? { op, store: 'mongo', ...reason, before: undo.after }
    : { op, store: 'postgres', ...reason, before: undo.after };
}

/** A Postgres row without its serial id. */
export function withoutSerialId(image: PostgresImage, mapping: Mapping): PostgresImage {
  const { id } = mapping.postgres.columns;
  return Object.fromEntries(Object.entries(image).filter(([column]) => column !== id));
}

/** The order of a plan's changes: by store, operation, role and the row's id; by link for a new Postgres row. */
export function inUndoingOrder(
  { change: a, row: left }: Undoing,
  { change: b, row: right }: Undoing,
): number {
  const order = byCodeUnit(a.store, b.store) || byCodeUnit(a.op, b.op) || byCodeUnit(a.role, b.role);
  if (order !== 0) return order;
  return a.store === 'postgres' && a.op !== 'insert' && left.id !== null && right.id !== null
    ? bySerialId(left.id, right.id)
    : byCodeUnit(left.link ?? '', right.link ?? '');
}

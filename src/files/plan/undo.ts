import type { Change, PostgresImage } from '../../model/decision.js';
import { byCodeUnit } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { bySerialId } from '../../model/serial-id.js';
import type { Undo } from '../../model/undo.js';
import { mongoImageId, postgresImageId, postgresImageLink } from '../row-image.js';

/** The change that takes an applied one back. */
export type UndoingChange = Change<'undo'>;

const INVERSE = { insert: 'delete', deactivate: 'reactivate', reactivate: 'deactivate' } as const;

/**
 * The change that takes an applied one back: what was inserted is deleted as it is now, what was deleted is inserted as
 * it was, what was altered is altered back. A Postgres row comes back without its serial id, for the sequence would not
 * know of it; the database gives a new one.
 */
export function inverseOf(undo: Undo, mapping: Mapping): UndoingChange {
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

/** A Postgres row in every column but its serial id. */
export function withoutSerialId(image: PostgresImage, mapping: Mapping): PostgresImage {
  const { id } = mapping.postgres.columns;
  return Object.fromEntries(Object.entries(image).filter(([column]) => column !== id));
}

/** The order of a plan's changes: by store, operation, role, then the row's id, or for a new Postgres row its link. */
export function inUndoingOrder(a: UndoingChange, b: UndoingChange, mapping: Mapping): number {
  return (
    byCodeUnit(a.store, b.store) ||
    byCodeUnit(a.op, b.op) ||
    byCodeUnit(a.role, b.role) ||
    byRow(a, b, mapping)
  );
}

function byRow(a: UndoingChange, b: UndoingChange, mapping: Mapping): number {
  if (a.op !== 'insert' && b.op !== 'insert' && a.store === 'postgres' && b.store === 'postgres') {
    const [left, right] = [postgresImageId(a.before, mapping), postgresImageId(b.before, mapping)];
    return left === null || right === null ? 0 : bySerialId(left, right);
  }
  return byCodeUnit(keyOf(a, mapping), keyOf(b, mapping));
}

/** The `_id` of a document, or the link of a row that is inserted. */
function keyOf(change: UndoingChange, mapping: Mapping): string {
  if (change.store === 'mongo')
    return mongoImageId(change.op === 'insert' ? change.after : change.before, mapping) ?? '';
  return (change.op === 'insert' ? postgresImageLink(change.after, mapping) : null) ?? '';
}

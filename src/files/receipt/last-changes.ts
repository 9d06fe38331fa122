import type { Mapping } from '../../model/mapping.js';
import type { AppliedChange } from './schema.js';
import { mongoImageId, postgresImageId, postgresImageLink } from '../row-image.js';

/**
 * Of each row the last change, in the order in which rows first occur. A change is recorded before it is committed, and
 * once more when it is made again from a fresh read; what was recorded last is what was committed, if anything was.
 */
export function lastChanges(changes: readonly AppliedChange[], mapping: Mapping): AppliedChange[] {
  return [...new Map(changes.map((change) => [rowKey(change, mapping), change])).values()];
}

/** The row of a change. A Postgres row that is inserted again gets another id, so that its link stands for it. */
function rowKey(change: AppliedChange, mapping: Mapping): string {
  const { store, op, user, role } = change;
  return JSON.stringify([store, op, user, role, idOf(change, mapping)]);
}

function idOf(change: AppliedChange, mapping: Mapping): string | number | null | undefined {
  if (change.store === 'mongo') {
    const image = change.after ?? change.before;
    return image && mongoImageId(image, mapping);
  }
  const image = change.after ?? change.before;
  if (image === null) return null;
  return change.op === 'insert' ? postgresImageLink(image, mapping) : postgresImageId(image, mapping);
}

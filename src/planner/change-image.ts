import { insertedDocument, insertedRow } from '../files/row-image.js';
import type { RowImages } from '../stores/facts-reader.js';
import type { DerivedChange, MongoAlteration, PostgresAlteration } from '../model/change.js';
import type { Change } from '../model/decision.js';
import type { OddField } from '../model/finding.js';
import type { Mapping } from '../model/mapping.js';

export interface ChangeContext {
  readonly team: string;
  readonly user: string;
  readonly asOf: number;
  readonly mapping: Mapping;
  /** Hold the rows that exist already. */
  readonly images: readonly RowImages[];
}

/** Adds the full row (for an insert, as it will be), or names the field that could not be restored without loss. */
export function changeWithImage(change: DerivedChange, context: ChangeContext): Change | OddField {
  const { role, rule } = change;
  if (change.op !== 'insert') return withBefore(change, context);
  const { team, user, asOf, mapping } = context;
  const row = { team, user, role, link: change.link };
  return change.store === 'mongo'
    ? { op: 'insert', store: 'mongo', role, rule, after: insertedDocument(row, asOf, mapping) }
    : { op: 'insert', store: 'postgres', role, rule, after: insertedRow(row, asOf, mapping) };
}

function withBefore(
  change: MongoAlteration | PostgresAlteration,
  { user, images }: ChangeContext,
): Change | OddField {
  const { op, role, rule } = change;
  for (const source of images) {
    if (change.store === 'postgres') {
      const before = source.postgres(user, change.id);
      if (before !== null) return { op, store: 'postgres', role, rule, before };
      continue;
    }
    const before = source.mongo(user, change.id);
    if (before !== null) return { op, store: 'mongo', role, rule, before };
    const odd = source.unwritable(user, change.id);
    if (odd !== null) return odd;
  }
  throw new Error('a row that was not read is to be changed');
}

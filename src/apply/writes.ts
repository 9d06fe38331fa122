import { withoutSerialId } from '../files/plan/undo.js';
import type { MongoWrite } from '../stores/mongo/write.js';
import type { PostgresWrite } from '../stores/postgres/write.js';
import type { Op } from '../model/change.js';
import type { MongoImage, PostgresImage } from '../model/decision.js';
import type { LivePostgresRow } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import type { Store } from '../model/store.js';
import { together, type PendingChange, type StoreVerdict } from './judge-rows.js';

/** What PostgreSQL is told to write: nothing where a row has drifted, which the judgement of the team then reports. */
export function postgresWrites(
  verdict: StoreVerdict<LivePostgresRow>,
  { mapping, asOf }: { readonly mapping: Mapping; readonly asOf: string },
): PostgresWrite[] {
  const { lastSyncAt } = mapping.postgres.columns;
  const { drifts, pending } = together([verdict]);
  if (drifts.length > 0) return [];
  return pending.flatMap(({ user, change, undo, before }) => {
    if (change.store !== 'postgres') return [];
    if (undo?.store !== 'postgres') return [{ user, change, before, lastSyncAt: asOf, restores: null }];
    // A row altered back gets its old time back, unless somebody has set another time since the apply.
    const now = before?.image()[lastSyncAt] ?? null;
    const isAsLeft = now === (undo.after?.[lastSyncAt] ?? null);
    const time = isAsLeft ? (undo.before?.[lastSyncAt] ?? null) : now;
    // A row that is inserted again has another serial id.
    const restores = undo.before && withoutSerialId(undo.before, mapping);
    return [{ user, change, before, lastSyncAt: time, restores }];
  });
}

export function mongoWrites(pending: readonly PendingChange[]): MongoWrite[] {
  return pending.flatMap(({ user, change, undo, before }) =>
    change.store === 'mongo' && before?.store !== 'postgres'
      ? [{ user, change, before, restores: undo?.store === 'mongo' ? undo.before : null }]
      : [],
  );
}

/** One write to the store `In`. */
interface Write<In extends Store, Image> {
  readonly user: string;
  readonly change: { readonly op: Op; readonly role: string; readonly store: In };
  readonly before: { image(): Image } | null;
  readonly restores: Image | null;
}

/**
 * What the receipt says of a write: the row before and after it. `differs` are the fields in which a row that is taken
 * back is not as it was before the apply; columns added to the table since do not count.
 */
export function recordOf<In extends Store, Image extends MongoImage | PostgresImage>(
  { user, change: { op, role, store }, before, restores }: Write<In, Image>,
  after: Image | null,
) {
  const found = new Map<string, unknown>(Object.entries(after ?? {}));
  const differs = Object.entries(after === null ? {} : (restores ?? {}))
    .filter(([name, value]) => JSON.stringify(found.get(name)) !== JSON.stringify(value))
    .map(([name]) => name);
  const row = { user, op, role, store, before: before?.image() ?? null, after };
  return differs.length === 0 ? row : { ...row, differs };
}

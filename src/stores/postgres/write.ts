import type { Change, PostgresImage } from '../../model/decision.js';
import type { LivePostgresRow } from '../../model/live.js';
import type { TableEffect } from '../../model/outcome.js';
import type { PostgresRoleTable } from './role-table.js';

type PostgresChange = Extract<Change<string>, { store: 'postgres' }>;

/** A change to be made; `before` is the row as it was just read and judged (null for an insert). */
export interface PostgresWrite {
  readonly user: string;
  readonly change: PostgresChange;
  readonly before: LivePostgresRow | null;
  /** What a deactivation or reactivation writes as `last_sync_at`. */
  readonly lastSyncAt: string | null;
  /** In a revert plan, the row as it was before the change that is taken back; null in any other, and where it was new. */
  readonly restores: PostgresImage | null;
}

/** A change that was made, with the whole row before and after it, as the database returned them. */
export interface MadePostgresWrite {
  readonly write: PostgresWrite;
  readonly after: PostgresImage | null;
}

/** What was written of one team, and what the table's own triggers wrote besides. */
export interface MadePostgresWrites {
  readonly made: readonly MadePostgresWrite[];
  readonly triggered: readonly TableEffect[];
}

/** The row that a write should leave: what was sent, and for an alteration what stood there. Null after a delete. */
export function plannedImage(
  { change, before, lastSyncAt }: PostgresWrite,
  { mapped }: PostgresRoleTable,
): PostgresImage | null {
  const { active, lastSyncAt: synced } = mapped.columns;
  switch (change.op) {
    case 'delete':
      return null;
    case 'insert':
      return change.after;
    case 'deactivate':
    case 'reactivate':
      return { ...before?.image(), [active]: change.op === 'reactivate' ? 't' : 'f', [synced]: lastSyncAt };
  }
}

/** Where a row differs from the planned one in whose right it is, each as "column is this, not that". */
export function differencesInRight(
  found: PostgresImage,
  planned: PostgresImage,
  table: PostgresRoleTable,
): string[] {
  const { user, team, role, scope, active, mongoId } = table.mapped.columns;
  return [user, team, role, scope, active, mongoId].flatMap((column) => {
    const shown = (image: PostgresImage): string | null => {
      const value = image[column] ?? null;
      return table.padded.has(column) ? (value?.trimEnd() ?? null) : value;
    };
    const [is, not] = [shown(found), shown(planned)];
    return is === not ? [] : [`${column} is ${is ?? 'NULL'}, not ${not ?? 'NULL'}`];
  });
}

/** Whether anything else in a row is not as it was sent: the bookkeeping of the application's triggers. */
export function isRetouched(found: PostgresImage, planned: PostgresImage, table: PostgresRoleTable): boolean {
  const { createdAt, lastSyncAt } = table.mapped.columns;
  const times: readonly string[] = [createdAt, lastSyncAt];
  return Object.entries(planned).some(([column, value]) => {
    const is = found[column] ?? null;
    // A row that comes back may have a column that the table has lost.
    if (!(column in found) || is === value || table.generated.has(column) || table.padded.has(column))
      return false;
    return !(times.includes(column) && is !== null && value !== null && instantOf(is) === instantOf(value));
  });
}

/** Milliseconds since 1970, of a time as it stands in a plan or as PostgreSQL writes it. */
function instantOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/Z$|\+00$/, '')}Z`);
}

import type { Change, PostgresImage } from '../../model/decision.js';
import type { LivePostgresRow } from '../../model/live.js';
import type { TableEffect } from '../../model/outcome.js';
import type { PostgresRoleTable } from './role-table.js';

type PostgresChange = Extract<Change<string>, { store: 'postgres' }>;

/** `before` is the row as it was just read and judged; null for an insert. */
export interface PostgresWrite {
  readonly user: string;
  readonly change: PostgresChange;
  readonly before: LivePostgresRow | null;
  /** The `last_sync_at` of a deactivation or reactivation. */
  readonly lastSyncAt: string | null;
  /** What a revert plan's change takes back; null in other plans, and if the row was new. */
  readonly restores: PostgresImage | null;
}

/** The whole row before and after a change, as the database returned it. */
export interface MadePostgresWrite {
  readonly write: PostgresWrite;
  readonly after: PostgresImage | null;
}

export interface MadePostgresWrites {
  readonly made: readonly MadePostgresWrite[];
  readonly triggered: readonly TableEffect[];
}

/** The row that a write should leave; null after a delete. */
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

/** Compares only the columns that make the right. Each difference reads "column is this, not that". */
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

/** Whether another column differs from what was sent, as by the application's triggers. */
export function isRetouched(found: PostgresImage, planned: PostgresImage, table: PostgresRoleTable): boolean {
  const { createdAt, lastSyncAt } = table.mapped.columns;
  const times: readonly string[] = [createdAt, lastSyncAt];
  return Object.entries(planned).some(([column, value]) => {
    const is = found[column] ?? null;
    // The table may have lost a column of a row that comes back.
    if (!(column in found) || is === value || table.generated.has(column) || table.padded.has(column))
      return false;
    return !(times.includes(column) && is !== null && value !== null && instantOf(is) === instantOf(value));
  });
}

/** Milliseconds since 1970, of a time in a plan's or PostgreSQL's text. */
function instantOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T').replace(/Z$|\+00$/, '')}Z`);
}

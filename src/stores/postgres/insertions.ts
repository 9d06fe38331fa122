import type { PostgresImage } from '../../model/decision.js';
import type { PostgresRoleTable } from './role-table.js';

export interface Insertion {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** A statement takes 65,535 parameters at most. */
const PARAMETERS_MAX = 60_000;

/** Groups rows by their columns. It leaves out computed columns, and those that the table has lost since. */
export function* insertions(
  images: readonly PostgresImage[],
  { columns: all, generated }: Pick<PostgresRoleTable, 'columns' | 'generated'>,
): Iterable<Insertion> {
  const writable = new Set(all.filter((column) => !generated.has(column)));
  const groups = new Map<string, { columns: string[]; rows: (string | null)[][] }>();
  for (const image of images) {
    const columns = Object.keys(image).filter((column) => writable.has(column));
    const key = JSON.stringify(columns);
    const row = columns.map((column) => image[column] ?? null);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { columns, rows: [row] });
    else group.rows.push(row);
  }
  for (const { columns, rows } of groups.values()) {
    const atOnce = Math.floor(PARAMETERS_MAX / columns.length);
    for (let from = 0; from < rows.length; from += atOnce) {
      yield { columns, rows: rows.slice(from, from + atOnce) };
    }
  }
}

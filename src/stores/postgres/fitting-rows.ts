import type pg from 'pg';
import type { PostgresImage } from '../../model/decision.js';
import { isConvertible } from './convertible.js';
import type { PostgresRoleTable } from './role-table.js';

/**
 * Which of these rows the table could not take back, for a column has another type by now that the value does not fit.
 * Constraints and triggers are not asked. The connection is in a transaction, which nothing is written in.
 *
 * @throws what the driver throws, where it is not about a value
 */
export async function unfitRows(
  client: pg.Client,
  table: PostgresRoleTable,
  images: readonly PostgresImage[],
): Promise<ReadonlySet<PostgresImage>> {
  if (images.length === 0 || (await allFit(client, table, images))) return new Set();
  const unfit = new Set<PostgresImage>();
  for (const image of images) if (!(await allFit(client, table, [image]))) unfit.add(image);
  return unfit;
}

/**
 * Every value goes through the input function of its column's type, as an insert would send it. What an image says nothing
 * of, a column that is new, is as in a row that is there: the database would fill it in, and its type may refuse NULL.
 * A column may be called r as well: only r.* is the row for certain.
 */
function allFit(
  client: pg.Client,
  table: PostgresRoleTable,
  images: readonly PostgresImage[],
): Promise<boolean> {
  return isConvertible(
    client,
    `SELECT count(jsonb_populate_record((SELECT (r.*)::${table.name} FROM ${table.rows} AS r LIMIT 1), image))
       FROM unnest($1::jsonb[]) AS image`,
    [images.map((image) => JSON.stringify(image))],
  );
}

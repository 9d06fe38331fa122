import type pg from 'pg';
import type { PostgresImage } from '../team/decision.js';
import type { PostgresRoleTable } from './postgres-role-table.js';

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

/** Every value goes through the input function of its column's type, as an insert would send it. */
async function allFit(
  client: pg.Client,
  table: PostgresRoleTable,
  images: readonly PostgresImage[],
): Promise<boolean> {
  await client.query('SAVEPOINT fitting');
  try {
    await client.query(
      `SELECT count(jsonb_populate_record(NULL::${table.name}, image)) FROM unnest($1::jsonb[]) AS image`,
      [images.map((image) => JSON.stringify(image))],
    );
    await client.query('RELEASE SAVEPOINT fitting');
    return true;
  } catch (error) {
    if (!isAboutValue(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT fitting');
    return false;
  }
}

/** SQLSTATE classes 22, data exception, and 23, what a domain refuses. */
function isAboutValue(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
  );
}

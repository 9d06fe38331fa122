import type pg from 'pg';
import type { PostgresImage } from '../../model/decision.js';
import { Failure } from '../../model/failure.js';
import { codeOf } from '../../model/errors.js';
import type { PostgresRoleTable } from './role-table.js';

/**
 * The rows that the table could not take back, because a column's new type refuses the value. Constraints and triggers
 * are not asked. The connection must be in a transaction.
 *
 * @throws the driver's error, unless it is about a value
 */
export async function unfitRows(
  client: pg.Client,
  table: PostgresRoleTable,
  images: readonly PostgresImage[],
): Promise<ReadonlySet<PostgresImage>> {
  // Converts every value as an insert would. A column that the image lacks keeps an existing row's value, for its type
  // may refuse NULL. Only r.* is surely the row: a column may be called r too.
  const text = `SELECT count(jsonb_populate_record((SELECT (r.*)::${table.name} FROM ${table.rows} AS r LIMIT 1), image))
       FROM unnest($1::jsonb[]) AS image`;
  const fit = (some: readonly PostgresImage[]): Promise<boolean> =>
    isConvertible(client, text, [some.map((image) => JSON.stringify(image))]);
  if (images.length === 0 || (await fit(images))) return new Set();
  const unfit = new Set<PostgresImage>();
  for (const image of images) if (!(await fit([image]))) unfit.add(image);
  return unfit;
}

/** @throws {Failure} operational, naming wanted roles that the column cannot hold: every team would fail in `apply` */
export async function refuseUnusableRoles(
  client: pg.Client,
  table: PostgresRoleTable,
  roles: readonly string[],
): Promise<void> {
  const unusable = await unusableRoles(client, table, roles);
  if (unusable.length === 0) return;
  const { name, mapped, roleType } = table;
  throw new Failure('operational', {
    doing: `reading the columns of the Postgres table ${name}`,
    problem: `the column ${mapped.columns.role} cannot hold ${unusable.join(', ')}: ${roleType.name ?? `it takes ${roleType.length ?? 0} characters`}`,
    next: 'Have the owner of the table let the column hold them, or leave these roles out of "wanted" in the policy.',
  });
}

/** The roles that the role column cannot hold. The connection must be in a transaction. @throws any other error */
export async function unusableRoles(
  client: pg.Client,
  { roleType: { name: type, length } }: PostgresRoleTable,
  roles: readonly string[],
): Promise<string[]> {
  const unusable: string[] = [];
  for (const role of roles) {
    // The server counts code points.
    const fits = length === null || Array.from(role).length <= length;
    const isValue =
      fits && (type === null || (await isConvertible(client, `SELECT $1::pg_catalog.text::${type}`, [role])));
    if (!isValue) unusable.push(role);
  }
  return unusable;
}

/** Tries a conversion inside a savepoint: a failed statement would otherwise end the transaction. */
async function isConvertible(client: pg.Client, text: string, values: readonly unknown[]): Promise<boolean> {
  await client.query('SAVEPOINT conversion');
  try {
    await client.query(text, [...values]);
    await client.query('RELEASE SAVEPOINT conversion');
    return true;
  } catch (error) {
    if (!ABOUT_A_VALUE.test(String(codeOf(error)))) throw error;
    await client.query('ROLLBACK TO SAVEPOINT conversion; RELEASE SAVEPOINT conversion');
    return false;
  }
}

/** SQLSTATE classes of values: 22, 23 (domains), 42 (types that parse their text), but no missing privilege (42501). */
const ABOUT_A_VALUE = /^(2[23]|42(?!501))/;

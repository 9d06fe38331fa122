import type pg from 'pg';
import type { PostgresImage } from '../../model/decision.js';
import { Failure } from '../../model/failure.js';
import type { Mapping } from '../../model/mapping.js';
import { codeOf } from '../../model/errors.js';
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

/**
 * Refuses a table whose column of roles cannot hold a role that is to be written: otherwise every team would be refused
 * when the plan is applied.
 *
 * @throws {Failure} operational, naming the roles
 */
export async function refuseUnusableRoles(
  client: pg.Client,
  table: PostgresRoleTable,
  { postgres: { columns } }: Mapping,
  roles: readonly string[],
): Promise<void> {
  const unusable = await unusableRoles(client, table, roles);
  if (unusable.length === 0) return;
  const { name, roleType } = table;
  const { length, name: type } = roleType;
  throw new Failure('operational', {
    doing: `reading the columns of the Postgres table ${name}`,
    problem: `the column ${columns.role} cannot hold ${unusable.join(', ')}: ${type ?? `it takes ${length ?? 0} characters`}`,
    next: 'Have the owner of the table let the column hold them, or leave these roles out of "wanted" in the policy.',
  });
}

/**
 * Those that are no value of the column of roles. The connection is in a transaction.
 *
 * @throws what the driver throws, where it is not about a value
 */
export async function unusableRoles(
  client: pg.Client,
  { roleType: { name: type, length } }: PostgresRoleTable,
  roles: readonly string[],
): Promise<string[]> {
  const unusable: string[] = [];
  for (const role of roles) {
    // The server counts code points.
    const fits = length === null || Array.from(role).length <= length;
    // The server judges; nothing is stored.
    const isValue =
      fits && (type === null || (await isConvertible(client, `SELECT $1::pg_catalog.text::${type}`, [role])));
    if (!isValue) unusable.push(role);
  }
  return unusable;
}

/**
 * Whether the server can make the values of a query what the query makes of them. The connection is in a transaction, which
 * goes on whatever the answer: a statement that fails would end it otherwise.
 *
 * @throws what the driver throws, where it is not about a value
 */
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

/**
 * SQLSTATE classes 22, data exception; 23, what a domain refuses; and 42, for the texts of some types are parsed: a
 * tsquery has a syntax, a regclass names something. A missing privilege says nothing of the value.
 */
const ABOUT_A_VALUE = /^(2[23]|42(?!501))/;

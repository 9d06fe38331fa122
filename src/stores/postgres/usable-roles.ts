import type pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { Mapping } from '../../model/mapping.js';
import { isConvertible } from './convertible.js';
import type { PostgresRoleTable } from './role-table.js';

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

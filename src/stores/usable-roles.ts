import type pg from 'pg';
import { Failure } from '../team/failure.js';
import type { Mapping } from '../team/mapping.js';
import type { PostgresRoleTable } from './postgres-role-table.js';
import { codeOf } from './secret.js';

/** invalid_text_representation: no label of the enumerated type; check_violation: not of the domain. */
const NO_VALUE: readonly unknown[] = ['22P02', '23514'];

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

/** Those that are no value of the column of roles. */
export async function unusableRoles(
  client: pg.Client,
  { roleType: { name: type, length } }: PostgresRoleTable,
  roles: readonly string[],
): Promise<string[]> {
  const unusable: string[] = [];
  for (const role of roles) {
    // The server counts code points.
    const fits = length === null || Array.from(role).length <= length;
    if (!fits || (type !== null && !(await isValueOf(client, type, role)))) unusable.push(role);
  }
  return unusable;
}

/** Has the server judge, in the transaction that is open and goes on; nothing is stored. */
async function isValueOf(client: pg.Client, type: string, role: string): Promise<boolean> {
  await client.query('SAVEPOINT judging');
  try {
    await client.query(`SELECT $1::pg_catalog.text::${type}`, [role]);
    await client.query('RELEASE SAVEPOINT judging');
    return true;
  } catch (error) {
    if (!NO_VALUE.includes(codeOf(error))) throw error;
    await client.query('ROLLBACK TO SAVEPOINT judging');
    return false;
  }
}

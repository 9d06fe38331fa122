import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { Store } from '../model/store.js';
import type { MongoConnection } from './mongo/connection.js';
import type { PostgresReader } from './postgres/transaction.js';
import type { PostgresRoleTable } from './postgres/role-table.js';
import { readFailed } from './read-failure.js';

/** Where the role rows are, and how the table of one store is described. */
export interface RoleStores {
  readonly mongo: MongoConnection;
  readonly postgres: PostgresReader;
  readonly table: PostgresRoleTable;
}

/**
 * @param atMost the count stops there, so that a large table need not be read to the end
 * @throws Failure (operational) where the rows cannot be read
 */
export async function countActiveRows(
  store: Store,
  { mongo, postgres, table }: RoleStores,
  mapping: Mapping,
  atMost?: number,
): Promise<number> {
  if (store === 'mongo') {
    const { collections, roles } = mapping.mongo;
    const active = { [roles.scope]: TEAM_SCOPE, [roles.active]: true };
    return mongo.db
      .collection(collections.roles)
      .countDocuments(active, { promoteValues: true, ...(atMost !== undefined && { limit: atMost }) })
      .catch(readFailed('MongoDB', mongo));
  }
  // Without a number, LIMIT counts them all.
  const text = `SELECT count(*)::text AS count FROM (
      SELECT FROM ${table.rows} AS r WHERE ${table.exact.scope} = $1 AND r.${table.quoted.active} LIMIT $2) AS counted`;
  const { rows } = await postgres
    .read(({ client }) => client.query<{ count: string }>(text, [TEAM_SCOPE, atMost ?? null]))
    .catch(readFailed('PostgreSQL', postgres));
  return Number(rows[0]?.count);
}

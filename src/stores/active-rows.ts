import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { Store } from '../model/store.js';
import type { MongoConnection } from './mongo/connection.js';
import type { PostgresReader } from './postgres/transaction.js';
import type { PostgresRoleTable } from './postgres/role-table.js';
import { readFailed } from './read-failure.js';

/**
 * @param atMost the count stops there, so that a large table need not be read to the end
 * @throws Failure (operational) where the rows cannot be read
 */
export async function countActiveRows(
  store: Store,
  stores: {
    readonly mongo: MongoConnection;
    readonly postgres: PostgresReader;
    readonly table: PostgresRoleTable;
  },
  mapping: Mapping,
  atMost?: number,
): Promise<number> {
  if (store === 'mongo') {
    const { collections, roles } = mapping.mongo;
    const active = { [roles.scope]: TEAM_SCOPE, [roles.active]: true };
    return stores.mongo.db
      .collection(collections.roles)
      .countDocuments(active, { promoteValues: true, ...(atMost !== undefined && { limit: atMost }) })
      .catch(readFailed('MongoDB', stores.mongo));
  }
  const { rows: source, quoted, exact } = stores.table;
  const active = `${source} AS r WHERE ${exact.scope} = $1 AND r.${quoted.active}`;
  const { rows } = await stores.postgres
    .read(({ client }) =>
      client.query<{ count: string }>(
        atMost === undefined
          ? { text: `SELECT count(*)::text AS count FROM ${active}`, values: [TEAM_SCOPE] }
          : {
              text: `SELECT count(*)::text AS count FROM (SELECT r.${quoted.id} FROM ${active} LIMIT $2) AS counted`,
              values: [TEAM_SCOPE, atMost],
            },
      ),
    )
    .catch(readFailed('PostgreSQL', stores.postgres));
  return Number(rows[0]?.count);
}

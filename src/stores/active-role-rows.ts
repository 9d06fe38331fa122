import type { ClientSession } from 'mongodb';
import { isId } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { Store } from '../model/store.js';
import type { MongoConnection } from './mongo/connection.js';
import { findLossless } from './mongo/live.js';
import { bothForms, textOf } from './mongo/values.js';
import { queryTexts, type PostgresRoleTable } from './postgres/role-table.js';
import type { PostgresReader } from './postgres/transaction.js';
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
    const options = { promoteValues: true, ...(atMost !== undefined && { limit: atMost }) };
    return mongo.db
      .collection(mapping.mongo.collections.roles)
      .countDocuments(activeDocuments(mapping), options)
      .catch(readFailed('MongoDB', mongo));
  }
  const active = activeRows(table);
  const limited = `(SELECT r.${table.quoted.id} FROM ${active} LIMIT $2) AS counted`;
  // Without a limit several processes can count, which they could not with LIMIT NULL.
  const [from, values] = atMost === undefined ? [active, [TEAM_SCOPE]] : [limited, [TEAM_SCOPE, atMost]];
  const text = `SELECT count(*)::text AS count FROM ${from}`;
  const { rows } = await postgres
    .read(({ client }) => client.query<{ count: string }>(text, values))
    .catch(readFailed('PostgreSQL', postgres));
  return Number(rows[0]?.count);
}

/** The people who hold an active role in each of these teams, in either store. */
export async function readHolders(
  { mongo, postgres, table }: RoleStores,
  mapping: Mapping,
  teams: readonly string[],
  session?: ClientSession,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const holders = new Map(teams.map((team) => [team, new Set<string>()]));
  const add = (team: string | null, user: string | null): void => {
    if (team !== null && user !== null && isId(user, mapping.ids)) holders.get(team)?.add(user);
  };
  const { collections, roles } = mapping.mongo;
  const selection = {
    collection: collections.roles,
    filter: { [roles.team]: { $in: bothForms(teams) }, ...activeDocuments(mapping) },
    projection: { [roles.team]: 1, [roles.user]: 1, [roles.active]: 1 },
  };
  for (const document of await findLossless(mongo.db, selection, session)) {
    // The filter also finds lists that hold `true`.
    if (document[roles.active] === true) add(textOf(document[roles.team]), textOf(document[roles.user]));
  }
  const { team, user } = table.exact;
  const text = `SELECT DISTINCT ${team}, ${user} FROM ${activeRows(table)} AND ${team} = ANY ($2::text[])`;
  const texts = await postgres.read(({ client }) => queryTexts(client, text, [TEAM_SCOPE, teams]));
  for (const [ofTeam = null, ofUser = null] of texts) add(ofTeam, ofUser);
  return holders;
}

function activeDocuments({ mongo: { roles } }: Mapping) {
  return { [roles.scope]: TEAM_SCOPE, [roles.active]: true };
}

/** Rows `r` of the scope `$1`. */
function activeRows({ rows, exact, quoted }: PostgresRoleTable): string {
  return `${rows} AS r WHERE ${exact.scope} = $1 AND r.${quoted.active}`;
}

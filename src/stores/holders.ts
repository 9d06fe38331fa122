import type { ClientSession, FindOptions } from 'mongodb';
import { isId } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { MongoConnection } from './mongo/connection.js';
import { losslessDocument } from './mongo/image.js';
import { AT_ONCE } from './mongo/live.js';
import { bothForms, textOf } from './mongo/values.js';
import { queryTexts, type PostgresRoleTable } from './postgres/role-table.js';
import type { PostgresReader } from './postgres/transaction.js';

/** The people who hold an active role in each of these teams, in either store. */
export async function readHolders(
  {
    mongo,
    postgres,
    table,
  }: {
    readonly mongo: MongoConnection;
    readonly postgres: PostgresReader;
    readonly table: PostgresRoleTable;
  },
  mapping: Mapping,
  teams: readonly string[],
  session?: ClientSession,
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const holders = new Map(teams.map((team) => [team, new Set<string>()]));
  const add = (team: string | null, user: string | null): void => {
    if (team !== null && user !== null && isId(user, mapping.ids)) holders.get(team)?.add(user);
  };
  const { collections, roles } = mapping.mongo;
  const options: FindOptions = session === undefined ? { readConcern: 'majority' } : { session };
  const found = mongo.db.collection(collections.roles).find(
    { [roles.team]: { $in: bothForms(teams) }, [roles.scope]: TEAM_SCOPE, [roles.active]: true },
    {
      ...options,
      projection: { [roles.team]: 1, [roles.user]: 1, [roles.active]: 1 },
      batchSize: AT_ONCE,
      raw: true,
    },
  );
  for (const document of (await found.toArray()).map(losslessDocument)) {
    // The filter also finds lists that hold `true`.
    if (document[roles.active] === true) add(textOf(document[roles.team]), textOf(document[roles.user]));
  }
  const { exact, quoted, rows } = table;
  const texts = await postgres.read(({ client }) =>
    queryTexts(
      client,
      `SELECT DISTINCT ${exact.team}, ${exact.user} FROM ${rows} AS r
        WHERE ${exact.team} = ANY ($1::text[]) AND ${exact.scope} = $2 AND r.${quoted.active}`,
      [teams, TEAM_SCOPE],
    ),
  );
  for (const [team = null, user = null] of texts) add(team, user);
  return holders;
}

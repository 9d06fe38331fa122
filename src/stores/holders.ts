import type { ClientSession, FindOptions } from 'mongodb';
import { isId } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { RoleStores } from './active-rows.js';
import { findLossless } from './mongo/live.js';
import { bothForms, textOf } from './mongo/values.js';
import { queryTexts } from './postgres/role-table.js';

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
  const options: FindOptions = session === undefined ? { readConcern: 'majority' } : { session };
  const selection = {
    collection: collections.roles,
    filter: { [roles.team]: { $in: bothForms(teams) }, [roles.scope]: TEAM_SCOPE, [roles.active]: true },
    projection: { [roles.team]: 1, [roles.user]: 1, [roles.active]: 1 },
  };
  for (const document of await findLossless(mongo.db, selection, options)) {
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

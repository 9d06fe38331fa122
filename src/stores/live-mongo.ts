import { BSON, type ClientSession, type Db, type Document, type FindOptions } from 'mongodb';
import type { MongoImage } from '../team/decision.js';
import { isId } from '../team/id.js';
import type { LiveMongoRow, LiveQuestion, LiveStandings } from '../team/live.js';
import type { Mapping } from '../team/mapping.js';
import { TEAM_SCOPE } from '../team/role-row.js';
import { losslessDocument } from './mongo-image.js';
import { bothForms, formOf, textOf } from './mongo-values.js';

/** What MongoDB says now of some teams. */
export interface LiveMongo {
  readonly standings: ReadonlyMap<string, LiveStandings>;
  /** The users' active rows in the teams, and whatever carries one of the ids; each once. */
  readonly rows: readonly LiveMongoRow[];
}

/**
 * Reads what judging these teams needs of MongoDB, one find after the other where they share a transaction. `_id` and
 * `team_id` are asked for in finds of their own: an `$or` of both would scan the collection.
 */
export async function readLiveMongo(
  db: Db,
  mapping: Mapping,
  questions: readonly LiveQuestion[],
  session?: ClientSession,
): Promise<LiveMongo> {
  const { collections, teams, memberships, roles } = mapping.mongo;
  // Outside a transaction, only what cannot be rolled back by a failover.
  const options: FindOptions = session === undefined ? { readConcern: 'majority' } : { session };
  const teamIds = questions.map(({ team }) => team);
  const inTeams = bothForms(teamIds);
  const users = bothForms([...new Set(questions.flatMap((question) => question.users))]);
  const ids = bothForms([...new Set(questions.flatMap((question) => question.mongoIds))]);
  const find = async (
    collection: string,
    filter: Document,
    fields?: readonly string[],
  ): Promise<Document[]> => {
    const projection = fields && { projection: Object.fromEntries(fields.map((field) => [field, 1])) };
    const found = db.collection(collection).find(filter, { ...options, ...projection, raw: true });
    return (await found.toArray()).map(losslessDocument);
  };

  const teamDocuments = await find(collections.teams, { _id: { $in: inTeams } }, [
    teams.createdBy,
    teams.isDeleted,
  ]);
  const members = await find(
    collections.memberships,
    {
      [memberships.team]: { $in: inTeams },
      [memberships.user]: { $in: users },
      [memberships.active]: true,
    },
    [memberships.team, memberships.user, memberships.active],
  );
  const active = await find(collections.roles, {
    [roles.team]: { $in: inTeams },
    [roles.user]: { $in: users },
    [roles.scope]: TEAM_SCOPE,
    [roles.active]: true,
  });
  const byId = ids.length === 0 ? [] : await find(collections.roles, { _id: { $in: ids } });

  const rows = new Map<string, LiveMongoRow>();
  for (const document of [...active, ...byId]) {
    const id: unknown = document['_id'];
    // The same digits may stand as ObjectId and as string: two documents.
    rows.set(
      typeof id === 'string' ? `string ${id}` : BSON.EJSON.stringify({ id }),
      liveMongoRow(document, mapping),
    );
  }
  return { standings: standingsOf(teamIds, teamDocuments, members, mapping), rows: [...rows.values()] };
}

function liveMongoRow(document: Document, mapping: Mapping): LiveMongoRow {
  const { roles } = mapping.mongo;
  const string = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  return {
    store: 'mongo',
    id: textOf(document['_id']),
    idForm: formOf(document['_id']),
    user: textOf(document[roles.user]),
    team: textOf(document[roles.team]),
    role: string(document[roles.role]),
    scope: string(document[roles.scope]),
    active: document[roles.active] === true,
    image: () => mongoImage(document),
  };
}

/** The whole document in canonical Extended JSON, which keeps every type. */
export function mongoImage(document: Document): MongoImage {
  const image: MongoImage = BSON.EJSON.serialize(document, { relaxed: false });
  return image;
}

function legibleId(value: unknown, mapping: Mapping): string | null {
  const id = textOf(value);
  return id !== null && isId(id, mapping.ids) ? id : null;
}

function standingsOf(
  teamIds: readonly string[],
  teamDocuments: readonly Document[],
  members: readonly Document[],
  mapping: Mapping,
): Map<string, LiveStandings> {
  const { teams, memberships } = mapping.mongo;
  const found = new Map(teamDocuments.map((document) => [textOf(document['_id']), document]));
  const users = new Map<string, Set<string>>(teamIds.map((team) => [team, new Set()]));
  for (const membership of members) {
    // The filter also finds lists that hold `true`.
    if (membership[memberships.active] !== true) continue;
    const user = textOf(membership[memberships.user]);
    if (user !== null) users.get(textOf(membership[memberships.team]) ?? '')?.add(user);
  }
  return new Map(
    teamIds.map((team) => {
      const document = found.get(team);
      const standings: LiveStandings = {
        state: document === undefined ? 'missing' : document[teams.isDeleted] === true ? 'deleted' : 'live',
        createdBy: document === undefined ? null : legibleId(document[teams.createdBy], mapping),
        members: users.get(team) ?? new Set(),
      };
      return [team, standings];
    }),
  );
}

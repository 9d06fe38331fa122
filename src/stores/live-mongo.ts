import { BSON, type ClientSession, type Db, type Document, type FindOptions } from 'mongodb';
import type { MongoImage } from '../team/decision.js';
import { isId } from '../team/id.js';
import type { LiveMongoRow, LiveQuestion, LiveStandings } from '../team/live.js';
import type { Mapping } from '../team/mapping.js';
import { TEAM_SCOPE } from '../team/role-row.js';
import { findAtOnce } from './find-at-once.js';
import type { MongoTopology } from './mongo-connection.js';
import { losslessDocument } from './mongo-image.js';
import { bothForms, formOf, textOf } from './mongo-values.js';

/** What MongoDB says now of some teams. */
export interface LiveMongo {
  readonly standings: ReadonlyMap<string, LiveStandings>;
  /** The users' active rows in the teams, and whatever carries one of the ids; each once. Others may be among them. */
  readonly rows: readonly LiveMongoRow[];
}

/** What every find asks for, and how. */
interface LiveFinds {
  readonly teams: () => Promise<Document[]>;
  readonly memberships: () => Promise<Document[]>;
  /** The users' role documents in the teams. */
  readonly ofUsers: (activity: 'active' | 'any') => Promise<Document[]>;
  /** Role documents with these `_id`s, whosever they are. */
  readonly byId: (ids: readonly string[]) => Promise<Document[]>;
}

/**
 * Reads what judging these teams needs of MongoDB, with all finds side by side: as it is now, or as it was when the
 * snapshot of the session was taken.
 */
export async function readLiveMongo(
  db: Db,
  mapping: Mapping,
  questions: readonly LiveQuestion[],
  snapshot?: ClientSession,
): Promise<LiveMongo> {
  // Without a snapshot, only what cannot be rolled back by a failover.
  const options: FindOptions = snapshot === undefined ? { readConcern: 'majority' } : { session: snapshot };
  const finds = liveFinds(mapping, questions, async (collection, filter, projection) =>
    (
      await db
        .collection(collection)
        .find(filter, { ...options, ...(projection && { projection }), raw: true })
        .toArray()
    ).map(losslessDocument),
  );
  const [teams, memberships, active, byId] = await Promise.all([
    finds.teams(),
    finds.memberships(),
    finds.ofUsers('active'),
    finds.byId(questions.flatMap(({ mongoIds }) => mongoIds)),
  ]);
  return liveMongo(questions, { teams, memberships, roles: [...active, ...byId] }, mapping);
}

/**
 * Whether ids under which the plan inserts documents are asked for. `left-to-insert`: not at first, because the insert
 * fails where one is taken; the team has to be read again then, with `asked`, to tell by whom.
 */
export type NewIds = 'asked' | 'left-to-insert';

/** Shards do not keep each other from holding the same `_id`: there an insert says nothing of one that is taken. */
export function newIdsAtFirst(topology: MongoTopology): NewIds {
  return topology === 'sharded' ? 'asked' : 'left-to-insert';
}

/**
 * Reads the same of one team in its transaction, where one find has to follow the other. The users' inactive documents
 * come with the active ones, so that hardly ever an id is left to be asked for.
 */
export async function readLiveMongoTeam(
  db: Db,
  mapping: Mapping,
  question: LiveQuestion,
  session: ClientSession,
  newIds: NewIds,
): Promise<LiveMongo> {
  const finds = liveFinds(mapping, [question], (collection, filter, projection) =>
    findAtOnce(db, collection, filter, projection, session),
  );
  const teams = await finds.teams();
  const memberships = await finds.memberships();
  const ofUsers = await finds.ofUsers('any');
  const known = new Set(ofUsers.map((document) => textOf(document['_id'])));
  if (newIds === 'left-to-insert') for (const id of question.newMongoIds) known.add(id);
  const byId = await finds.byId(question.mongoIds.filter((id) => !known.has(id)));
  return liveMongo([question], { teams, memberships, roles: [...ofUsers, ...byId] }, mapping);
}

/** A find in one of the collections, with the BSON type of every value. */
type Find = (collection: string, filter: Document, projection?: Document) => Promise<Document[]>;

/** `_id` and `team_id` are asked for in finds of their own: an `$or` of both would scan the collection. */
function liveFinds(mapping: Mapping, questions: readonly LiveQuestion[], ask: Find): LiveFinds {
  const { collections, teams, memberships, roles } = mapping.mongo;
  const inTeams = bothForms(questions.map(({ team }) => team));
  const users = bothForms([...new Set(questions.flatMap((question) => question.users))]);
  const find = (collection: string, filter: Document, fields?: readonly string[]): Promise<Document[]> =>
    ask(collection, filter, fields && Object.fromEntries(fields.map((field) => [field, 1])));
  return {
    teams: () => find(collections.teams, { _id: { $in: inTeams } }, [teams.createdBy, teams.isDeleted]),
    memberships: () =>
      find(
        collections.memberships,
        {
          [memberships.team]: { $in: inTeams },
          [memberships.user]: { $in: users },
          [memberships.active]: true,
        },
        [memberships.team, memberships.user, memberships.active],
      ),
    ofUsers: (activity) =>
      find(collections.roles, {
        [roles.team]: { $in: inTeams },
        [roles.user]: { $in: users },
        [roles.scope]: TEAM_SCOPE,
        ...(activity === 'active' ? { [roles.active]: true } : {}),
      }),
    byId: (ids) =>
      ids.length === 0
        ? Promise.resolve([])
        : find(collections.roles, { _id: { $in: bothForms([...new Set(ids)]) } }),
  };
}

function liveMongo(
  questions: readonly LiveQuestion[],
  documents: Readonly<Record<'teams' | 'memberships' | 'roles', readonly Document[]>>,
  mapping: Mapping,
): LiveMongo {
  const rows = new Map<string, LiveMongoRow>();
  for (const document of documents.roles) {
    const id: unknown = document['_id'];
    // The same digits may stand as ObjectId and as string: two documents.
    rows.set(
      typeof id === 'string' ? `string ${id}` : BSON.EJSON.stringify({ id }),
      liveMongoRow(document, mapping),
    );
  }
  const teamIds = questions.map(({ team }) => team);
  return {
    standings: standingsOf(teamIds, documents.teams, documents.memberships, mapping),
    rows: [...rows.values()],
  };
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

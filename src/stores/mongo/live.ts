import { BSON, type ClientSession, type Db, type Document, type FindOptions } from 'mongodb';
import type { MongoImage } from '../../model/decision.js';
import { isId } from '../../model/id.js';
import { LiveRows, type LiveMongoRow, type LiveQuestion, type LiveStandings } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import { losslessDocument, wholeImage } from './image.js';
import { bothForms, formOf, plainValue, textOf } from './values.js';

/** The server then fills 16 MiB at once, instead of sending 101 documents first. */
export const AT_ONCE = 100_000;

export interface LiveMongo {
  /** @throws Error for a team that was not asked for */
  readonly standingsOf: (team: string) => LiveStandings;
  /** The users' active rows in the teams, and all with one of the ids; each once. Others may be among them. */
  readonly rows: LiveRows<LiveMongoRow>;
}

/** Without a projection, all fields. */
export interface LiveSelection {
  readonly collection: string;
  readonly filter: Document;
  readonly projection?: Document;
}

export interface LiveSelections {
  readonly teams: LiveSelection;
  readonly memberships: LiveSelection;
  readonly ofUsers: (activity: 'active' | 'any') => LiveSelection;
  readonly byId: (ids: readonly string[]) => LiveSelection;
}

/** Reads what judging these teams needs, with all finds at once: as it is now, or as in the session's snapshot. */
export async function readLiveMongo(
  db: Db,
  mapping: Mapping,
  questions: readonly LiveQuestion[],
  session?: ClientSession,
): Promise<LiveMongo> {
  const selections = liveSelections(mapping, questions);
  const find = (selection: LiveSelection): Promise<Document[]> => findLossless(db, selection, session);
  const ids = questions.flatMap(({ mongoIds }) => mongoIds);
  const [teams, memberships, active, byId] = await Promise.all([
    find(selections.teams),
    find(selections.memberships),
    find(selections.ofUsers('active')),
    ids.length === 0 ? [] : find(selections.byId(ids)),
  ]);
  return liveMongo(questions, { teams, memberships, roles: [...active, ...byId] }, mapping);
}

/** The documents with the BSON type of every value. */
export async function findLossless(
  db: Db,
  { collection, filter, projection }: LiveSelection,
  session: ClientSession | undefined,
): Promise<Document[]> {
  // Outside a session, a failover must not be able to roll back what is read.
  const options: FindOptions = session === undefined ? { readConcern: 'majority' } : { session };
  const found = db
    .collection(collection)
    .find(filter, { ...options, ...(projection && { projection }), batchSize: AT_ONCE, raw: true });
  return (await found.toArray()).map(losslessDocument);
}

/** `_id` and `team_id` have separate finds: an `$or` of both would scan the collection. */
export function liveSelections(mapping: Mapping, questions: readonly LiveQuestion[]): LiveSelections {
  const { collections, teams, memberships, roles } = mapping.mongo;
  const inTeams = bothForms(questions.map(({ team }) => team));
  const users = bothForms([...new Set(questions.flatMap((question) => question.users))]);
  const fields = (...names: readonly string[]): Document =>
    Object.fromEntries(names.map((name) => [name, 1]));
  return {
    teams: {
      collection: collections.teams,
      filter: { _id: { $in: inTeams } },
      projection: fields(teams.createdBy, teams.isDeleted),
    },
    memberships: {
      collection: collections.memberships,
      filter: {
        [memberships.team]: { $in: inTeams },
        [memberships.user]: { $in: users },
        [memberships.active]: { $in: [...new Set(questions.flatMap(({ activeValues }) => activeValues))] },
      },
      projection: fields(memberships.team, memberships.user, memberships.active),
    },
    ofUsers: (activity) => ({
      collection: collections.roles,
      filter: {
        [roles.team]: { $in: inTeams },
        [roles.user]: { $in: users },
        [roles.scope]: TEAM_SCOPE,
        ...(activity === 'active' ? { [roles.active]: true } : {}),
      },
    }),
    byId: (ids) => ({
      collection: collections.roles,
      filter: { _id: { $in: bothForms([...new Set(ids)]) } },
    }),
  };
}

/** Indexes the documents that were found. */
export function liveMongo(
  questions: readonly LiveQuestion[],
  documents: Readonly<Record<'teams' | 'memberships' | 'roles', readonly Document[]>>,
  mapping: Mapping,
): LiveMongo {
  const rows = new Map<string, LiveMongoRow>();
  for (const document of documents.roles) {
    const row = liveMongoRow(document, mapping);
    // The same digits as ObjectId and as string are two documents.
    rows.set(
      row.id === null ? BSON.EJSON.stringify({ id: document['_id'] as unknown }) : `${row.idForm} ${row.id}`,
      row,
    );
  }
  const standings = standingsOf(questions, documents.teams, documents.memberships, mapping);
  return {
    rows: new LiveRows([...rows.values()]),
    standingsOf: (team) => {
      const found = standings.get(team);
      if (found === undefined) throw new Error('a team was not read');
      return found;
    },
  };
}

function liveMongoRow(document: Document, mapping: Mapping): LiveMongoRow {
  const { roles } = mapping.mongo;
  const string = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const id = textOf(document['_id']);
  let image: MongoImage | undefined;
  return {
    store: 'mongo',
    id,
    link: id,
    idForm: formOf(document['_id']),
    user: textOf(document[roles.user]),
    team: textOf(document[roles.team]),
    role: string(document[roles.role]),
    scope: string(document[roles.scope]),
    active: document[roles.active] === true,
    image: () => (image ??= wholeImage(document)),
  };
}

function legibleId(value: unknown, mapping: Mapping): string | null {
  const id = textOf(value);
  return id !== null && isId(id, mapping.ids) ? id : null;
}

function standingsOf(
  questions: readonly LiveQuestion[],
  teamDocuments: readonly Document[],
  members: readonly Document[],
  mapping: Mapping,
): Map<string, LiveStandings> {
  const { teams, memberships } = mapping.mongo;
  const found = new Map(teamDocuments.map((document) => [textOf(document['_id']), document]));
  const asked = questions.map(({ team, activeValues }) => {
    const document = found.get(team);
    const state =
      document === undefined ? 'missing' : document[teams.isDeleted] === true ? 'deleted' : 'live';
    const createdBy = document === undefined ? null : legibleId(document[teams.createdBy], mapping);
    return [team, { state, createdBy, members: new Set<string>(), activeValues }] as const;
  });
  const standings = new Map(asked);
  for (const membership of members) {
    const team = standings.get(textOf(membership[memberships.team]) ?? '');
    const activity = plainValue(membership[memberships.active]);
    // The filter also finds lists that hold such a value.
    if (team?.activeValues.some((value) => value === activity) !== true) continue;
    const user = textOf(membership[memberships.user]);
    if (user !== null) team.members.add(user);
  }
  return standings;
}

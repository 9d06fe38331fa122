import type { ClientSession, Db, Document } from 'mongodb';
import type { LiveQuestion } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { findAtOnce, wholeAnswer } from './find-at-once.js';
import { AT_ONCE, liveMongo, liveSelections, type LiveMongo, type LiveSelection } from './live.js';
import type { MongoTopology } from './connection.js';
import { textOf } from './values.js';

/**
 * How a team is read in its transaction. `quick`: the three collections in one statement, and not the ids under which the
 * plan inserts documents, because the insert fails where one is taken. `thorough`: a find for each, and those ids too;
 * the attempt after one that failed has to be like that, to tell by whom an id is taken.
 */
export type TeamReading = 'quick' | 'thorough';

/**
 * How the first attempt at a team reads. In a sharded cluster no transaction may look up (`$lookup`) documents of a
 * sharded collection, and shards do not keep each other from holding the same `_id`: an insert says nothing of one that
 * is taken.
 */
export function readingAtFirst(topology: MongoTopology): TeamReading {
  return topology === 'sharded' ? 'thorough' : 'quick';
}

/**
 * Reads what judging one team needs in its transaction, where one statement has to follow the other. The users' inactive
 * documents come with the active ones, so that hardly ever an id is left to be asked for.
 */
export async function readLiveMongoTeam(
  db: Db,
  mapping: Mapping,
  question: LiveQuestion,
  session: ClientSession,
  reading: TeamReading,
): Promise<LiveMongo> {
  const selections = liveSelections(mapping, [question]);
  const find = (selection: LiveSelection): Promise<Document[]> => findAtOnce(db, selection, session);
  const { teams, memberships, ofUsers } = (reading === 'quick'
    ? await lookUp(db, mapping, question, session)
    : null) ?? {
    teams: await find(selections.teams),
    memberships: await find(selections.memberships),
    ofUsers: await find(selections.ofUsers('any')),
  };
  const known = new Set(ofUsers.map((document) => textOf(document['_id'])));
  if (reading === 'quick') for (const id of question.newMongoIds) known.add(id);
  const ids = question.mongoIds.filter((id) => !known.has(id));
  const byId = ids.length === 0 ? [] : await find(selections.byId(ids));
  return liveMongo([question], { teams, memberships, roles: [...ofUsers, ...byId] }, mapping);
}

/** Fields beside those of a team that were asked for. */
const MEMBERSHIPS = 'memberships of the team';
const ROLES = 'roles in the team';

/** The team's documents with what belongs to them; null where there is no team that anything could be looked up for. */
async function lookUp(
  db: Db,
  mapping: Mapping,
  question: LiveQuestion,
  session: ClientSession,
): Promise<Record<'teams' | 'memberships' | 'ofUsers', Document[]> | null> {
  const { teams, memberships, ofUsers } = liveSelections(mapping, [question]);
  const pipeline = [
    ...stages(teams),
    ...Object.entries({ [MEMBERSHIPS]: memberships, [ROLES]: ofUsers('any') }).map(([as, selection]) => ({
      $lookup: { from: selection.collection, pipeline: stages(selection), as },
    })),
  ];
  const command = { aggregate: teams.collection, pipeline, cursor: { batchSize: AT_ONCE } };
  const found = await wholeAnswer(db, command, session);
  const [first] = found ?? [];
  if (found === null || first === undefined) return null;
  const documents = (list: unknown): Document[] => (Array.isArray(list) ? list.filter(isDocument) : []);
  return {
    teams: found,
    // The same beside each of two documents that claim to be the team.
    memberships: documents(first[MEMBERSHIPS]),
    ofUsers: documents(first[ROLES]),
  };
}

function stages({ filter, projection }: LiveSelection): Document[] {
  return [{ $match: filter }, ...(projection === undefined ? [] : [{ $project: projection }])];
}

function isDocument(value: unknown): value is Document {
  return typeof value === 'object' && value !== null;
}

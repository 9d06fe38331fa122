import type { ClientSession, Db, Document } from 'mongodb';
import type { LiveQuestion } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { losslessDocument } from './image.js';
import {
  AT_ONCE,
  findLossless,
  liveMongo,
  liveSelections,
  type LiveMongo,
  type LiveSelection,
  type LiveSelections,
} from './live.js';
import type { MongoTopology } from './connection.js';
import { textOf } from './values.js';

/**
 * How a team is read in its transaction. `quick`: one statement for all collections, without the ids of new documents,
 * since an insert fails if one is taken. `thorough`: a find for each, and those ids too; after a failed attempt this
 * shows which document has an id.
 */
export type TeamReading = 'quick' | 'thorough';

/** No transaction can `$lookup` in a sharded collection, and another shard may hold an `_id` unnoticed. */
export function readingAtFirst(topology: MongoTopology): TeamReading {
  return topology === 'sharded' ? 'thorough' : 'quick';
}

/** Reads what judging one team needs. Inactive documents come along, so that hardly any id is left to ask for. */
export async function readLiveMongoTeam(
  db: Db,
  mapping: Mapping,
  question: LiveQuestion,
  session: ClientSession,
  reading: TeamReading,
): Promise<LiveMongo> {
  const selections = liveSelections(mapping, [question]);
  const find = (selection: LiveSelection): Promise<Document[]> => findLossless(db, selection, session);
  const { teams, memberships, ofUsers } = (reading === 'quick'
    ? await lookUp(db, selections, session)
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

const MEMBERSHIPS = 'memberships of the team';
const ROLES = 'roles in the team';

/** The team's documents with all that belongs to them; null without a team document to join to, or where the answer is not whole. */
async function lookUp(db: Db, { teams, memberships, ofUsers }: LiveSelections, session: ClientSession) {
  const pipeline = [
    ...stages(teams),
    ...Object.entries({ [MEMBERSHIPS]: memberships, [ROLES]: ofUsers('any') }).map(([as, selection]) => ({
      $lookup: { from: selection.collection, pipeline: stages(selection), as },
    })),
  ];
  // A plain command spares the driver's cursor.
  const command = { aggregate: teams.collection, pipeline, cursor: { batchSize: AT_ONCE } };
  const reply = await db.command(command, { session, fieldsAsRaw: { firstBatch: true } });
  const cursor: unknown = reply['cursor'];
  const found = isWhole(cursor) ? cursor.firstBatch.map(losslessDocument) : [];
  const [first] = found;
  if (first === undefined) return null;
  const documents = (list: unknown): Document[] => (Array.isArray(list) ? list.filter(isDocument) : []);
  return {
    teams: found,
    // Two documents may claim to be the team: each has the same joined ones.
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

function isWhole(cursor: unknown): cursor is { readonly firstBatch: readonly unknown[] } {
  return (
    typeof cursor === 'object' &&
    cursor !== null &&
    'id' in cursor &&
    String(cursor.id) === '0' &&
    'firstBatch' in cursor &&
    Array.isArray(cursor.firstBatch)
  );
}

import { mongoImageId, postgresImageId, postgresImageLink } from '../files/row-image.js';
import type { Change, Decision } from '../model/decision.js';
import type { LiveQuestion, MongoIdForm } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import type { SerialId } from '../model/serial-id.js';

/** The row that a change is about, by the ids under which its store holds it. */
export type ChangedRow =
  | { readonly store: 'mongo'; readonly id: string; readonly idForm: MongoIdForm }
  /** `id` is null for an insert: the database gives it. */
  | { readonly store: 'postgres'; readonly id: SerialId | null; readonly link: string | null };

/**
 * The ids of the row that a change is about.
 *
 * @throws Error if an image holds no legible id, which the plan reader rules out
 */
export function changedRow(change: Change<string>, mapping: Mapping): ChangedRow {
  if (change.store === 'mongo') {
    const image = change.op === 'insert' ? change.after : change.before;
    const id = mongoImageId(image, mapping);
    if (id === null) throw new Error('a change of a Mongo document without a legible _id');
    return { store: 'mongo', id, idForm: typeof image['_id'] === 'string' ? 'string' : 'objectId' };
  }
  const image = change.op === 'insert' ? change.after : change.before;
  const link = postgresImageLink(image, mapping) ?? null;
  if (change.op === 'insert') return { store: 'postgres', id: null, link };
  const id = postgresImageId(image, mapping);
  if (id === null) throw new Error('a change of a Postgres row without a legible id');
  return { store: 'postgres', id, link };
}

/** What has to be read of both stores to judge the decisions of one team (docs/design.md, "Apply", judging). */
export function liveQuestion(
  team: string,
  decisions: readonly Decision<string>[],
  mapping: Mapping,
): LiveQuestion {
  const mongoIds = new Set<string>();
  const newMongoIds = new Set<string>();
  const postgresIds = new Set<SerialId>();
  const links = new Set<string>();
  for (const decision of decisions) {
    for (const row of decision.observed.mongo) mongoIds.add(row.id);
    for (const row of decision.observed.postgres) postgresIds.add(row.id);
    for (const change of decision.changes) {
      const row = changedRow(change, mapping);
      if (row.store === 'mongo') {
        mongoIds.add(row.id);
        if (change.op !== 'insert') continue;
        newMongoIds.add(row.id);
        links.add(row.id);
      } else if (row.id !== null) postgresIds.add(row.id);
      else if (row.link !== null) {
        links.add(row.link);
        mongoIds.add(row.link);
      }
    }
  }
  return {
    team,
    users: decisions.map((decision) => decision.user),
    mongoIds: [...mongoIds],
    newMongoIds: [...newMongoIds],
    postgresIds: [...postgresIds],
    links: [...links],
  };
}

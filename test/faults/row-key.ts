import type { EjsonValue, MongoImage, PostgresImage } from '../../src/model/decision.js';

/** A whole row of either store. */
export type Image = MongoImage | PostgresImage;

/** What two documents are told apart by: their `_id` in canonical Extended JSON, which shows its type. */
export function mongoKey(collection: string, id: EjsonValue | undefined): string {
  return `${collection} ${JSON.stringify(id)}`;
}

/** A Postgres row is known by its link wherever it has one: `mongo_id` is unique, and known before an insert. */
export function postgresKey(row: Image): string {
  const link = row['mongo_id'];
  return typeof link === 'string' ? `postgres mongo_id ${link}` : `postgres id ${JSON.stringify(row['id'])}`;
}

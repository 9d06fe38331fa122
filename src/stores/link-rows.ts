import type { LinkedRow } from '../model/facts.js';
import type { SerialId } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import type { LinkIds, ReadLinks } from './facts-reader.js';
import { mongoRoleRowParser } from './mongo/role-row.js';
import type { MongoSnapshot } from './mongo/snapshot.js';
import { bothForms } from './mongo/values.js';
import { postgresRoleRowParser, type StoredPostgresRow } from './postgres/role-row.js';
import type { PostgresRoleTable } from './postgres/role-table.js';
import type { PostgresSnapshot } from './postgres/snapshot.js';
import { imagesIn, type ImageOf } from './team-facts.js';

/** Looks up the Mongo documents with these `_id`s and the Postgres rows with these `mongo_id`s, active or not. */
export async function readLinks(
  stores: { readonly mongo: MongoSnapshot; readonly postgres: PostgresSnapshot },
  table: PostgresRoleTable,
  mapping: Mapping,
  ids: LinkIds,
  postgresImage: ImageOf,
): Promise<ReadLinks> {
  const find = {
    collection: mapping.mongo.collections.roles,
    filter: { _id: { $in: bothForms(ids.mongo) } },
  };
  const [mongo, postgres] = await Promise.all([
    ids.mongo.length === 0 ? [] : stores.mongo.all(find, mongoRoleRowParser(mapping, table.idWidths)),
    postgresRows(stores.postgres, table, ids.postgres),
  ]);
  const mongoLinks = new Map<string, LinkedRow<string> | 'several'>();
  for (const { id, user, team, role, scope, active } of mongo) {
    if (id === null) continue;
    mongoLinks.set(id, mongoLinks.has(id) ? 'several' : { id, user, team, role, scope, active });
  }
  const postgresLinks = new Map<string, LinkedRow<SerialId> | 'several'>();
  for (const { id, mongoId, user, team, role, scope, active } of postgres) {
    if (typeof mongoId !== 'string') continue;
    // A row without a usable serial id cannot be addressed, just as one of several cannot.
    const single = id !== null && !postgresLinks.has(mongoId);
    postgresLinks.set(mongoId, single ? { id, user, team, role, scope, active } : 'several');
  }
  return {
    links: { mongo: (id) => mongoLinks.get(id), postgres: (mongoId) => postgresLinks.get(mongoId) },
    images: imagesIn({ mongo, postgres }, postgresImage),
  };
}

async function postgresRows(
  snapshot: PostgresSnapshot,
  table: PostgresRoleTable,
  mongoIds: readonly string[],
): Promise<StoredPostgresRow[]> {
  if (mongoIds.length === 0) return [];
  const rows = await snapshot.rows(
    `SELECT ${table.columnList} FROM ${table.rows} AS r WHERE ${table.exact.mongoId} = ANY ($1::text[])`,
    [mongoIds],
  );
  return rows.map(postgresRoleRowParser(table));
}

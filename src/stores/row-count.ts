import { codeOf } from '../model/errors.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import type { RowCount } from '../model/row-count.js';
import type { MongoConnection } from './mongo/connection.js';
import { qualifiedName, rowsOf, type CatalogTable } from './postgres/catalog.js';
import type { PostgresReading } from './postgres/transaction.js';

/** Counting up to here is quick everywhere. */
const COUNTED = 100_000;

/** Counts a collection's documents of every kind. */
export async function countDocuments({ db }: MongoConnection, collection: string): Promise<RowCount> {
  const counted = await db.collection(collection).countDocuments({}, { limit: COUNTED + 1 });
  if (counted <= COUNTED) return { rows: counted, kind: 'exact' };
  return { rows: await db.collection(collection).estimatedDocumentCount(), kind: 'estimate' };
}

/** How long counting may take that no index helps with, in milliseconds. */
const PATIENCE = 5_000;
const OUT_OF_TIME = 50;

/** How many of these memberships do not say whether they are active. */
export interface OddCount {
  readonly rows: number;
  /** The first so many, where looking at all takes too long. */
  readonly of: 'all' | number;
}

export async function countOddMemberships(
  { db }: Pick<MongoConnection, 'db'>,
  { mongo: { collections, memberships } }: Mapping,
  { activeValues }: Pick<Policy, 'activeValues'>,
): Promise<OddCount> {
  // To MongoDB, a list equals each value in it.
  const legible = { [memberships.active]: { $in: [false, ...activeValues], $not: { $type: 'array' } } };
  const count = async (of: OddCount['of']): Promise<OddCount> => {
    const looked = of === 'all' ? [] : [{ $limit: of }];
    const counted = db
      .collection(collections.memberships)
      .aggregate<{ rows: number }>([...looked, { $match: { $nor: [legible] } }, { $count: 'rows' }], {
        maxTimeMS: PATIENCE,
      });
    return { rows: (await counted.next())?.rows ?? 0, of };
  };
  return count('all').catch((error: unknown) => {
    if (codeOf(error) !== OUT_OF_TIME) throw error;
    return count(COUNTED);
  });
}

/** Rows of the role table, whatever they are. */
export async function countRows(
  { client }: PostgresReading,
  mapping: Mapping,
  { oid, kind }: Pick<CatalogTable, 'oid' | 'kind'>,
): Promise<RowCount> {
  const { schema, table } = mapping.postgres;
  const source = rowsOf(qualifiedName(schema, table), kind);
  const counted = await client.query<{ rows: number }>(
    `SELECT count(*)::int4 AS rows FROM (SELECT FROM ${source} LIMIT $1) AS first_rows`,
    [COUNTED + 1],
  );
  const rows = counted.rows[0]?.rows ?? 0;
  if (rows <= COUNTED) return { rows, kind: 'exact' };
  const estimated = await client.query<{ rows: number }>(
    'SELECT reltuples::float8 AS rows FROM pg_class WHERE oid = $1::oid',
    [oid],
  );
  const estimate = estimated.rows[0]?.rows ?? -1;
  // There is no estimate before the first ANALYZE.
  return estimate > COUNTED
    ? { rows: Math.round(estimate), kind: 'estimate' }
    : { rows: COUNTED, kind: 'at-least' };
}

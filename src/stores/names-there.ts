import { byCodeUnit } from '../model/id.js';
import type { Mapping } from '../model/mapping.js';
import type { Contents, StoreNames } from '../model/name-check.js';
import type { MongoConnection } from './mongo/connection.js';
import { losslessDocument } from './mongo/image.js';
import { readTable } from './postgres/catalog.js';
import type { PostgresReader } from './postgres/transaction.js';
import { readFailure } from './read-failure.js';
import { countDocuments, countRows } from './row-count.js';
import { isDenial } from './server-error.js';

/** Only the newest documents are examined: they are as the application writes now. */
const LOOKED_AT = 50;

/**
 * The collections of MongoDB, with the contents of those that the mapping names, users included.
 *
 * @throws {Failure} operational: MongoDB cannot be read
 */
export async function readCollectionNames(mongo: MongoConnection, mapping: Mapping): Promise<StoreNames> {
  try {
    const found = await mongo.db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
    const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    const contents = new Map<string, Contents>();
    const { collections, users } = mapping.mongo;
    const named = [...Object.values(collections), ...(users === null ? [] : [users.collection])];
    for (const name of named.filter((one) => names.includes(one)))
      contents.set(name, await contentsOf(mongo, name));
    return { names: names.sort(byCodeUnit), contents };
  } catch (error) {
    throw readFailure(error, 'MongoDB', mongo.address);
  }
}

async function contentsOf(mongo: MongoConnection, name: string): Promise<Contents> {
  const parts = new Map<string, number>();
  const count = await countDocuments(mongo, name).catch(nullWhereDenied);
  if (count === null) return { count, lookedAt: 0, parts };
  const newest = { sort: { _id: -1 }, limit: LOOKED_AT, raw: true } as const;
  const documents = await mongo.db.collection(name).find({}, newest).toArray();
  for (const field of documents.flatMap((raw) => Object.keys(losslessDocument(raw))))
    parts.set(field, (parts.get(field) ?? 0) + 1);
  return { count, lookedAt: documents.length, parts };
}

/**
 * The tables of PostgreSQL, with the columns of the one that the mapping names.
 *
 * @throws {Failure} operational: PostgreSQL cannot be read
 */
export async function readTableNames(postgres: PostgresReader, mapping: Mapping): Promise<StoreNames> {
  try {
    const { rows } = await postgres.read(({ client }) =>
      client.query<{ name: string }>(
        `SELECT n.nspname || '.' || c.relname AS name
           FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
      ),
    );
    const names = rows.map(({ name }) => name).sort(byCodeUnit);
    const wanted = `${mapping.postgres.schema}.${mapping.postgres.table}`;
    const table = names.includes(wanted)
      ? await postgres.read(({ client }) => readTable(client, mapping))
      : null;
    if (table === null) return { names, contents: new Map() };
    const count = await postgres.read((reading) => countRows(reading, mapping, table)).catch(nullWhereDenied);
    const parts = new Map(table.columns.map(({ name }) => [name, 1]));
    return { names, contents: new Map([[wanted, { count, lookedAt: null, parts }]]) };
  } catch (error) {
    throw readFailure(error, 'PostgreSQL', postgres.address);
  }
}

function nullWhereDenied(error: unknown): null {
  if (isDenial(error)) return null;
  throw error;
}

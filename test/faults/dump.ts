import { BSON, type Db } from 'mongodb';
import type pg from 'pg';
import type { MongoImage, PostgresImage } from '../../src/model/decision.js';
import { mongoKey, postgresKey, type Image } from './row-key.js';

/** Everything both databases hold, read without any code of the product. */
export interface Dump {
  /** Every document in canonical Extended JSON and every Postgres row as the server writes it, under its key. */
  readonly rows: ReadonlyMap<string, Image>;
  /** How often a change of a Postgres row was committed by the product: `insert 7` → times. */
  readonly effects: ReadonlyMap<string, number>;
}

const COLLECTIONS = ['teams', 'user_team_details', 'user_roles'];
const AS_TEXT = { getTypeParser: () => (text: string) => text };

export async function dumpBoth(db: Db, client: pg.Client): Promise<Dump> {
  const rows = await documentsOf(db);
  const table = await client.query<PostgresImage>({
    text: 'SELECT * FROM public.postgres_user_roles',
    types: AS_TEXT,
  });
  for (const row of table.rows) rows.set(postgresKey(row), row);
  const effects = await client.query<{ effect: string; times: number }>(
    "SELECT op || ' ' || id AS effect, count(*)::int AS times FROM suite.effects GROUP BY 1",
  );
  return { rows, effects: new Map(effects.rows.map(({ effect, times }) => [effect, times])) };
}

/** Every document in canonical Extended JSON, under its key. */
export async function documentsOf(db: Db): Promise<Map<string, Image>> {
  const rows = new Map<string, Image>();
  for (const name of COLLECTIONS) {
    const documents = await db.collection(name).find({}, { promoteValues: false }).toArray();
    for (const document of documents) {
      const image: MongoImage = BSON.EJSON.serialize(document, { relaxed: false });
      rows.set(mongoKey(name, image['_id']), image);
    }
  }
  return rows;
}

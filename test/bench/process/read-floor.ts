/**
 * The floor of `plan`: reads the documents and rows that it needs, with the same projections and through the same
 * drivers, both stores at once, PostgreSQL in array mode, and looks at each of them. No order, no snapshot.
 */
import Cursor from 'pg-cursor';
import type { Document } from 'mongodb';
import { openStores } from './stores.js';

const ROWS_AT_ONCE = 1000;

const { client, db, connect } = await openStores();
const postgres = await connect();
let looked = 0;

function look(value: unknown): void {
  if (value !== undefined) looked += 1;
}

async function readCollection(name: string, filter: Document, fields: readonly string[]): Promise<void> {
  const projection = { _id: 0, ...Object.fromEntries(fields.map((field) => [field, 1])) };
  const options = { ...(fields.length > 0 && { projection }), batchSize: ROWS_AT_ONCE };
  const cursor = db.collection(name).find(filter, options);
  const [first = '_id'] = fields;
  while (await cursor.hasNext()) for (const document of cursor.readBufferedDocuments()) look(document[first]);
}

async function readTable(): Promise<void> {
  const text = 'SELECT * FROM public.postgres_user_roles WHERE scope = $1 AND is_active';
  const cursor = postgres.query(new Cursor<unknown[]>(text, ['TEAM'], { rowMode: 'array' }));
  for (;;) {
    const rows = await cursor.read(ROWS_AT_ONCE);
    if (rows.length === 0) return;
    for (const row of rows) look(row[0]);
  }
}

await Promise.all([
  readCollection('teams', {}, ['_id', 'name', 'created_by', 'is_deleted']),
  readCollection('user_team_details', { is_active: true }, ['team_id', 'user_id', 'is_active']),
  readCollection('user_roles', { scope: 'TEAM', is_active: true }, []),
  readTable(),
]);
process.stdout.write(String(looked));
await Promise.all([client.close(), postgres.end()]);

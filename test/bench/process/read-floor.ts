/**
 * The floor of `plan`: reads the documents and rows that it needs, with the same projections and through the same
 * drivers, both stores at once, decoded as the drivers do by default, and throws them away. No order, no snapshot.
 */
import Cursor from 'pg-cursor';
import type { Document } from 'mongodb';
import { openStores } from './stores.js';

const ROWS_AT_ONCE = 1000;

const { client, db, connect } = await openStores();
const postgres = await connect();

async function readCollection(name: string, filter: Document, fields?: readonly string[]): Promise<void> {
  const projection = fields && { projection: Object.fromEntries(fields.map((field) => [field, 1])) };
  const cursor = db.collection(name).find(filter, { ...projection, batchSize: ROWS_AT_ONCE });
  while (await cursor.hasNext()) cursor.readBufferedDocuments();
}

async function readTable(): Promise<void> {
  const cursor = postgres.query(
    new Cursor('SELECT * FROM public.postgres_user_roles WHERE scope = $1 AND is_active', ['TEAM']),
  );
  while ((await cursor.read(ROWS_AT_ONCE)).length > 0);
}

await Promise.all([
  readCollection('teams', {}, ['_id', 'name', 'created_by', 'is_deleted']),
  readCollection('user_team_details', { is_active: true }, ['team_id', 'user_id', 'is_active']),
  readCollection('user_roles', { scope: 'TEAM', is_active: true }),
  readTable(),
]);
await Promise.all([client.close(), postgres.end()]);

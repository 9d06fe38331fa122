/**
 * The floor of `apply`: executes the row changes of a plan in the same transactions, one in each store per team, at the
 * same concurrency, but blind: no precondition, no receipt, no read-back. One statement an operation and store.
 * Prints how many seconds the transactions took.
 *
 * node write-floor.mjs PLAN CONCURRENCY
 */
import { WriteConcern } from 'mongodb';
import type pg from 'pg';
import { writeMongo } from './blind-mongo-writes.js';
import { imagesOf, readTeams, type Change, type Image } from './planned-changes.js';
import { openStores } from './stores.js';

const [planFile = '', concurrency] = process.argv.slice(2);
const teams = await readTeams(planFile);
const { client, db, connect } = await openStores(Number(concurrency) + 2);
const roles = db.collection('user_roles');
const queue = teams.values();
const begun = performance.now();

async function work(): Promise<void> {
  const postgres = await connect();
  const session = client.startSession();
  for (const { decisions } of queue) {
    const changes = decisions.flatMap((decision) => decision.changes);
    await postgres.query('BEGIN');
    await writePostgres(postgres, changes);
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority'),
    });
    await writeMongo(roles, session, changes);
    await session.commitTransaction();
    await postgres.query('COMMIT');
  }
  await Promise.all([session.endSession(), postgres.end()]);
}

async function writePostgres(postgres: pg.Client, changes: readonly Change[]): Promise<void> {
  const rows = (op: Change['op']): Image[] => imagesOf(changes, 'postgres', op);
  const ids = (op: Change['op']): unknown[] => rows(op).map((row) => row['id']);
  if (ids('delete').length > 0)
    await postgres.query('DELETE FROM postgres_user_roles WHERE id = ANY ($1)', [ids('delete')]);
  for (const op of ['deactivate', 'reactivate'] as const) {
    if (ids(op).length === 0) continue;
    const text = 'UPDATE postgres_user_roles SET is_active = $1, last_sync_at = now() WHERE id = ANY ($2)';
    await postgres.query(text, [op === 'reactivate', ids(op)]);
  }
  const inserted = rows('insert');
  if (inserted.length > 0) {
    const columns = Object.keys(inserted[0] ?? {}).join(', ');
    await postgres.query(
      `INSERT INTO postgres_user_roles (${columns})
       SELECT ${columns} FROM json_populate_recordset(NULL::postgres_user_roles, $1)`,
      [JSON.stringify(inserted)],
    );
  }
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
await client.close();

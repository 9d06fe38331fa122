/**
 * The floor of `apply`: executes the row changes of a plan in the same transactions, one in each store per team, at the
 * same concurrency, but blind: no precondition, no receipt, no read-back. One statement an operation and store.
 * Prints how many seconds the transactions took.
 *
 * node write-floor.mjs PLAN CONCURRENCY
 */
import { readFile } from 'node:fs/promises';
import { BSON, WriteConcern, type ClientSession, type Document } from 'mongodb';
import type pg from 'pg';
import { openStores } from './stores.js';

type Image = Readonly<Record<string, unknown>>;
interface Change {
  readonly op: 'insert' | 'reactivate' | 'deactivate' | 'delete';
  readonly store: 'mongo' | 'postgres';
  readonly before?: Image;
  readonly after?: Image;
}
interface Plan {
  readonly teams: readonly { readonly decisions: readonly { readonly changes: readonly Change[] }[] }[];
}

const [planFile = '', concurrency] = process.argv.slice(2);
const plan = planIn(JSON.parse(await readFile(planFile, 'utf8')));
const { client, db, connect } = await openStores(Number(concurrency) + 2);
const roles = db.collection('user_roles');
const queue = plan.teams.values();
const begun = performance.now();

function planIn(value: unknown): Plan {
  if (!isPlan(value)) throw new Error(`${planFile} is no plan`);
  return value;
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'teams' in value;
}

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
    await writeMongo(session, changes);
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

async function writeMongo(session: ClientSession, changes: readonly Change[]): Promise<void> {
  const documents = (op: Change['op']): Document[] =>
    imagesOf(changes, 'mongo', op).map((image) => documentOf(image));
  const ids = (op: Change['op']): Document => ({
    _id: { $in: documents(op).map((document): unknown => document['_id']) },
  });
  if (documents('delete').length > 0) await roles.deleteMany(ids('delete'), { session });
  for (const op of ['deactivate', 'reactivate'] as const) {
    if (documents(op).length === 0) continue;
    await roles.updateMany(ids(op), { $set: { is_active: op === 'reactivate' } }, { session });
  }
  if (documents('insert').length > 0) await roles.insertMany(documents('insert'), { session });
}

function documentOf(image: Image): Document {
  const document: unknown = BSON.EJSON.deserialize(image);
  return { ...(typeof document === 'object' ? document : {}) };
}

function imagesOf(changes: readonly Change[], store: Change['store'], op: Change['op']): Image[] {
  return changes.flatMap((change) => {
    const image = change.after ?? change.before;
    return change.store === store && change.op === op && image ? [image] : [];
  });
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
await client.close();

/**
 * The floor of `apply`: executes the row changes of a plan in the same transactions, one in each store per team, at the
 * same concurrency, but blind: no precondition, no receipt, no read-back. One statement an operation and store.
 *
 * With RECEIPT, what the protocol of `apply` (docs/design.md, "Apply") takes by itself: what is demanded around the same
 * changes is there too. Postgres is locked and read before it is written, every row that was written is returned,
 * MongoDB is read in its transaction, the intent is on disk before the first commit. But nothing is judged, and no
 * answer is looked at.
 *
 * Prints how many seconds the transactions took.
 *
 * node write-floor.mjs PLAN CONCURRENCY [RECEIPT]
 */
import { open, readFile } from 'node:fs/promises';
import { BSON, ObjectId, WriteConcern, type ClientSession, type Document } from 'mongodb';
import type pg from 'pg';
import { z } from 'zod';
import { openStores } from './stores.js';

const BEGIN = `BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '30s';
  SET LOCAL idle_in_transaction_session_timeout = '60s'`;
const LOCK = `SELECT FROM postgres_user_roles
  WHERE team_id = $1 AND user_id = ANY ($2::text[]) AND scope = 'TEAM' ORDER BY id FOR UPDATE`;
const READ = `SELECT * FROM postgres_user_roles
  WHERE (team_id = $1 AND user_id = ANY ($2::text[]) AND scope = 'TEAM' AND is_active)
     OR id = ANY ($3::int8[]) OR mongo_id = ANY ($4::text[])`;

const image = z.record(z.string(), z.unknown());
const changeSchema = z.object({
  op: z.enum(['insert', 'reactivate', 'deactivate', 'delete']),
  store: z.enum(['mongo', 'postgres']),
  before: image.optional(),
  after: image.optional(),
});
type Change = z.infer<typeof changeSchema>;
const teamSchema = z.object({
  team: z.object({ id: z.string() }),
  decisions: z.array(z.object({ user: z.string(), changes: z.array(changeSchema) })),
});

const [planFile = '', concurrency, receipt] = process.argv.slice(2);
const plan: unknown = JSON.parse(await readFile(planFile, 'utf8'));
const { teams } = z.object({ teams: z.array(teamSchema) }).parse(plan);
const { client, db, connect } = await openStores(Number(concurrency) + 2);
const roles = db.collection('user_roles');
const file = receipt === undefined ? null : await open(receipt, 'w', 0o600);
const queue = teams.values();
const names = new Map<string, string>();
let unwritten: string[] = [];
let writing: Promise<void> = Promise.resolve();
const begun = performance.now();

async function work(): Promise<void> {
  const postgres = await connect(file === null ? {} : { pipeline: true });
  if (file !== null) await postgres.query('SET plan_cache_mode = force_generic_plan');
  const session = client.startSession();
  for (const { team, decisions } of queue) {
    const users = decisions.map(({ user }) => user);
    const changes = decisions.flatMap((decision) => decision.changes);
    if (file === null) await writePostgres(postgres, changes);
    else await writePostgresByProtocol(postgres, team.id, users, changes);
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority'),
    });
    if (file !== null) await readMongo(session, team.id, users);
    await writeMongo(session, changes);
    if (file !== null) await onDisk({ event: 'intent', team: team.id, changes });
    await session.commitTransaction();
    await postgres.query('COMMIT');
    if (file !== null) say({ event: 'outcome', team: team.id });
  }
  await Promise.all([session.endSession(), postgres.end()]);
}

/** The rows of one operation in one store. */
function imagesOf(
  changes: readonly Change[],
  store: Change['store'],
  op: Change['op'],
): z.infer<typeof image>[] {
  return changes.flatMap((change) => {
    const row = change.after ?? change.before;
    return change.store === store && change.op === op && row ? [row] : [];
  });
}

interface Statement {
  readonly text: string;
  readonly values: unknown[];
}

function postgresWrites(changes: readonly Change[]): Statement[] {
  const byId = (op: Change['op'], statement: string): Statement[] => {
    const ids = imagesOf(changes, 'postgres', op).map((row) => row['id']);
    return ids.length === 0 ? [] : [{ text: `${statement} WHERE id = ANY ($1)`, values: [ids] }];
  };
  const inserted = imagesOf(changes, 'postgres', 'insert');
  const columns = Object.keys(inserted[0] ?? {}).join(', ');
  const insert = `INSERT INTO postgres_user_roles (${columns})
    SELECT ${columns} FROM json_populate_recordset(NULL::postgres_user_roles, $1)`;
  const update = 'UPDATE postgres_user_roles SET last_sync_at = now(), is_active =';
  return [
    ...byId('delete', 'DELETE FROM postgres_user_roles'),
    ...byId('deactivate', `${update} false`),
    ...byId('reactivate', `${update} true`),
    ...(inserted.length === 0 ? [] : [{ text: insert, values: [JSON.stringify(inserted)] }]),
  ];
}

async function writePostgres(postgres: pg.Client, changes: readonly Change[]): Promise<void> {
  await postgres.query('BEGIN');
  for (const { text, values } of postgresWrites(changes)) await postgres.query(text, values);
}

async function writePostgresByProtocol(
  postgres: pg.Client,
  team: string,
  users: readonly string[],
  changes: readonly Change[],
): Promise<void> {
  const known = (column: string): unknown[] =>
    changes.flatMap(({ store, before, after }) => {
      const value = (before ?? after)?.[column] ?? null;
      return store === 'postgres' && value !== null ? [value] : [];
    });
  await inOnePacket(postgres, () => [
    postgres.query(BEGIN),
    prepared(postgres, { text: LOCK, values: [team, users] }),
    prepared(postgres, { text: READ, values: [team, users, known('id'), known('mongo_id')] }),
  ]);
  await inOnePacket(postgres, () =>
    postgresWrites(changes).map(({ text, values }) =>
      prepared(postgres, { text: `${text} RETURNING *`, values }),
    ),
  );
}

async function inOnePacket(postgres: pg.Client, send: () => Promise<unknown>[]): Promise<void> {
  postgres.connection.stream.cork();
  const answers = Promise.all(send());
  postgres.connection.stream.uncork();
  await answers;
}

/** The server parses each text once on a connection; its rows stay as they were sent. */
function prepared(postgres: pg.Client, { text, values }: Statement): Promise<unknown> {
  const name = names.get(text) ?? `statement ${names.size}`;
  names.set(text, name);
  const types = { getTypeParser: () => (value: string) => value };
  return postgres.query({ name, text, values, rowMode: 'array', types });
}

async function writeMongo(session: ClientSession, changes: readonly Change[]): Promise<void> {
  const documents = (op: Change['op']): Document[] =>
    imagesOf(changes, 'mongo', op).map((row) => {
      const document: unknown = BSON.EJSON.deserialize(row);
      return { ...(typeof document === 'object' ? document : {}) };
    });
  const byId = (found: readonly Document[]): Document => ({
    _id: { $in: found.map((document): unknown => document['_id']) },
  });
  const deleted = documents('delete');
  if (deleted.length > 0) await roles.deleteMany(byId(deleted), { session });
  for (const op of ['deactivate', 'reactivate'] as const) {
    const updated = documents(op);
    if (updated.length === 0) continue;
    await roles.updateMany(byId(updated), { $set: { is_active: op === 'reactivate' } }, { session });
  }
  const inserted = documents('insert');
  if (inserted.length > 0) await roles.insertMany(inserted, { session });
}

async function readMongo(session: ClientSession, team: string, users: readonly string[]): Promise<void> {
  const either = (ids: readonly string[]): Document => ({
    $in: [...ids, ...ids.map((id) => new ObjectId(id))],
  });
  const ofUsers = { team_id: either([team]), user_id: either(users) };
  const lookup = (from: string, $match: Document): Document => ({
    $lookup: { from, pipeline: [{ $match }], as: from },
  });
  const pipeline = [
    { $match: { _id: either([team]) } },
    lookup('user_team_details', { ...ofUsers, is_active: true }),
    lookup('user_roles', { ...ofUsers, scope: 'TEAM' }),
  ];
  await db.command({ aggregate: 'teams', pipeline, cursor: {} }, { session });
}

function say(event: Document): void {
  unwritten.push(`${JSON.stringify({ ...event, at: new Date() })}\n`);
}

/** This and everything that was said so far is on disk; what is said meanwhile goes together. */
function onDisk(event?: Document): Promise<void> {
  if (event !== undefined) say(event);
  writing = writing.then(async () => {
    if (unwritten.length === 0) return;
    const lines = unwritten.join('');
    unwritten = [];
    await file?.write(lines);
    await file?.datasync();
  });
  return writing;
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
await onDisk();
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
await Promise.all([client.close(), file?.close()]);

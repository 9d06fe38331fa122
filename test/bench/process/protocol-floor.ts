/**
 * What the protocol of `apply` (docs/design.md, "Apply") takes by itself: the row changes of a plan in the same
 * transactions, at the same concurrency, and what is demanded around them. Postgres is locked and read before it is
 * written, every row that was written is returned, MongoDB is read in its transaction, the intent is on disk before the
 * first commit. But nothing is judged, and no answer is looked at. Prints how many seconds the transactions took.
 *
 * node protocol-floor.mjs PLAN CONCURRENCY RECEIPT
 */
import { open } from 'node:fs/promises';
import { ObjectId, WriteConcern, type ClientSession, type Document } from 'mongodb';
import type pg from 'pg';
import { writeMongo } from './blind-mongo-writes.js';
import { imagesOf, readTeams, type Change, type Image } from './planned-changes.js';
import { openStores } from './stores.js';

const BEGIN = `BEGIN; SET LOCAL lock_timeout = '10s'; SET LOCAL statement_timeout = '30s';
  SET LOCAL idle_in_transaction_session_timeout = '60s'`;
const LOCK = `SELECT FROM postgres_user_roles
  WHERE team_id = $1 AND user_id = ANY ($2::text[]) AND scope = 'TEAM' ORDER BY id FOR UPDATE`;
const READ = `SELECT * FROM postgres_user_roles
  WHERE (team_id = $1 AND user_id = ANY ($2::text[]) AND scope = 'TEAM' AND is_active)
     OR id = ANY ($3::int8[]) OR mongo_id = ANY ($4::text[])`;

const [planFile = '', concurrency, receipt = ''] = process.argv.slice(2);
const teams = await readTeams(planFile);
const { client, db, connect } = await openStores(Number(concurrency) + 2);
const roles = db.collection('user_roles');
const file = await open(receipt, 'w', 0o600);
const queue = teams.values();
const names = new Map<string, string>();
let unwritten: string[] = [];
let writing: Promise<void> = Promise.resolve();
const begun = performance.now();

async function work(): Promise<void> {
  const postgres = await connect({ pipeline: true });
  await postgres.query('SET plan_cache_mode = force_generic_plan');
  const session = client.startSession();
  for (const { team, decisions } of queue) {
    const users = decisions.map(({ user }) => user);
    const changes = decisions.flatMap((decision) => decision.changes);
    await inOnePacket(postgres, () => [
      postgres.query(BEGIN),
      prepared(postgres, LOCK, [team.id, users]),
      prepared(postgres, READ, [team.id, users, known(changes, 'id'), known(changes, 'mongo_id')]),
    ]);
    await inOnePacket(postgres, () => writePostgres(postgres, changes));
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority'),
    });
    await readMongo(session, team.id, users);
    await writeMongo(roles, session, changes);
    unwritten.push(JSON.stringify({ event: 'intent', at: new Date(), team: team.id, changes }));
    await onDisk();
    await session.commitTransaction();
    await postgres.query('COMMIT');
    unwritten.push(JSON.stringify({ event: 'outcome', at: new Date(), team: team.id }));
  }
  await Promise.all([session.endSession(), postgres.end()]);
}

async function inOnePacket(postgres: pg.Client, send: () => Promise<unknown>[]): Promise<void> {
  postgres.connection.stream.cork();
  const answers = Promise.all(send());
  postgres.connection.stream.uncork();
  await answers;
}

/** The server parses each text once on a connection; its rows stay as they were sent. */
function prepared(postgres: pg.Client, text: string, values: unknown[]): Promise<unknown> {
  const name = names.get(text) ?? `statement ${names.size}`;
  names.set(text, name);
  const types = { getTypeParser: () => (value: string) => value };
  return postgres.query({ name, text, values, rowMode: 'array', types });
}

/** What the Postgres rows of the changes hold in a column. */
function known(changes: readonly Change[], column: string): unknown[] {
  return changes.flatMap(({ store, before, after }) => {
    const value = (before ?? after)?.[column] ?? null;
    return store === 'postgres' && value !== null ? [value] : [];
  });
}

function writePostgres(postgres: pg.Client, changes: readonly Change[]): Promise<unknown>[] {
  const rows = (op: Change['op']): Image[] => imagesOf(changes, 'postgres', op);
  const byId = (op: Change['op'], statement: string): Promise<unknown>[] => {
    const ids = rows(op).map((row) => row['id']);
    return ids.length === 0
      ? []
      : [prepared(postgres, `${statement} WHERE id = ANY ($1) RETURNING *`, [ids])];
  };
  const inserted = rows('insert');
  const columns = Object.keys(inserted[0] ?? {}).join(', ');
  const insert = `INSERT INTO postgres_user_roles (${columns}) SELECT ${columns}
    FROM json_populate_recordset(NULL::postgres_user_roles, $1) RETURNING *`;
  const update = 'UPDATE postgres_user_roles SET last_sync_at = now(), is_active =';
  return [
    ...byId('delete', 'DELETE FROM postgres_user_roles'),
    ...byId('deactivate', `${update} false`),
    ...byId('reactivate', `${update} true`),
    ...(inserted.length === 0 ? [] : [prepared(postgres, insert, [JSON.stringify(inserted)])]),
  ];
}

async function readMongo(session: ClientSession, team: string, users: readonly string[]): Promise<void> {
  const either = (ids: readonly string[]): Document => ({
    $in: [...ids, ...ids.map((id) => new ObjectId(id))],
  });
  const ofUsers = { team_id: either([team]), user_id: either(users) };
  const lookup = (from: string, $match: Document): Document => ({
    $lookup: { from, pipeline: [{ $match }], as: from },
  });
  await db.command(
    {
      aggregate: 'teams',
      pipeline: [
        { $match: { _id: either([team]) } },
        lookup('user_team_details', { ...ofUsers, is_active: true }),
        lookup('user_roles', { ...ofUsers, scope: 'TEAM' }),
      ],
      cursor: {},
    },
    { session },
  );
}

/** Everything that was said so far is on disk; what is said meanwhile goes together. */
function onDisk(): Promise<void> {
  writing = writing.then(async () => {
    if (unwritten.length === 0) return;
    const lines = unwritten.map((line) => `${line}\n`).join('');
    unwritten = [];
    await file.write(lines);
    await file.datasync();
  });
  return writing;
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
await onDisk();
process.stdout.write(JSON.stringify({ seconds: (performance.now() - begun) / 1000 }));
await Promise.all([client.close(), file.close()]);

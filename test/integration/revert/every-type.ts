import { Binary, Decimal128, type Document, Double, Int32, Long, ObjectId, Timestamp } from 'mongodb';
import { insertRows } from '../../databases.js';
import type { TestDatabases } from '../../servers.js';
import { document, insertMembership, linkOf, teamId } from '../apply/broken-team.js';
import type { Stage } from '../apply/stage.js';

/** A member who holds rows with fields and columns that the tool knows nothing of. */
export const COLLECTOR = '05e500000000000000000009';
/** What is not exactly true, and so inactive. Absent where it is undefined. */
const ODD_ACTIVITIES: readonly unknown[] = ['true', Long.fromNumber(1), [true], null, undefined];

const EXTRA_COLUMNS = `
  ADD COLUMN note jsonb, ADD COLUMN raw json, ADD COLUMN tags text[], ADD COLUMN weight numeric(40, 20),
  ADD COLUMN ratio double precision, ADD COLUMN picture bytea, ADD COLUMN pause interval,
  ADD COLUMN "odd ""name" text, ADD COLUMN day date, ADD COLUMN price money,
  ADD COLUMN source regclass, ADD COLUMN sources regclass[], ADD COLUMN kind regtype,
  ADD COLUMN shout text GENERATED ALWAYS AS (upper(role_name)) STORED`;

/** Every type that a restored document has to keep. */
const EXTRA_FIELDS: Document = {
  long: Long.fromString('9007199254740993'),
  decimal: new Decimal128('1.10'),
  double: new Double(1),
  negativeZero: new Double(-0),
  int: new Int32(1),
  date: new Date('2023-05-06T07:08:09.010Z'),
  early: new Date(-1),
  stamp: new Timestamp({ t: 7, i: 3 }),
  bytes: new Binary(Buffer.from([0, 255, 10])),
  uuid: new Binary(Buffer.alloc(16, 7), Binary.SUBTYPE_UUID),
  id: new ObjectId('64a000000000000000000001'),
  pattern: /^a.*b$/i,
  nothing: null,
  nested: { list: [new Int32(1), 'two', { three: Long.fromNumber(3) }], empty: {} },
  text: 'line\nbreak \u2028 separator "quoted" \\ ü 👩‍👧',
};

/** Also makes the database's own settings such that texts mean something else in a session that leaves them as they are. */
export async function addColumnsOfEveryType({ pg: client, postgresDb }: TestDatabases): Promise<void> {
  const database = client.escapeIdentifier(postgresDb);
  await client.query(`
    CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.things (); CREATE TYPE elsewhere.mood AS ENUM ('good');
    ALTER DATABASE ${database} SET search_path = public, elsewhere; ALTER DATABASE ${database} SET array_nulls = off;
    ALTER DATABASE ${database} SET datestyle = 'SQL, DMY'; ALTER DATABASE ${database} SET quote_all_identifiers = on;`);
  await client.query(`ALTER TABLE postgres_user_roles ${EXTRA_COLUMNS}`);
}

/** Adds rows to a broken team whose removal and return would lose something if any type, column or field did. */
export async function insertEveryType(databases: TestDatabases, team: number): Promise<void> {
  const { mongo, pg: client } = databases;
  const roles = mongo.collection('user_roles');
  await insertMembership(mongo, team, COLLECTOR);
  await roles.insertMany([
    { ...document(team, COLLECTOR, { role: 'admin' }), ...EXTRA_FIELDS },
    { ...document(team, COLLECTOR, { role: 'viewer' }), user_id: new ObjectId(COLLECTOR) },
    document(team, COLLECTOR),
  ]);
  await insertRow(databases, team, 'admin', null);
  await insertRow(databases, team, 'viewer', null);
  await insertRow(databases, team, 'member', null);
  await oddCopies(databases, team);
  await client.query(
    `UPDATE postgres_user_roles SET note = '{"b": [1, "x"], "a": null}', raw = '{"z":1, "z":2}', tags = '{a,"b c",NULL}',
       weight = 12345678901234567890.12345678901234567890, ratio = 0.1, picture = '\\x00ff0a', pause = '1 mon 2 days 03:04:05.678901',
       "odd ""name" = 'it''s', day = 'infinity',
       price = 12.5, source = 'elsewhere.things', sources = '{elsewhere.things,NULL,pg_class}', kind = 'elsewhere.mood', last_sync_at = '2024-02-29 23:59:59.999999+00' WHERE team_id = $1`,
    [teamId(team)],
  );
}

function insertRow(
  { pg: client }: TestDatabases,
  team: number,
  role: string,
  link: string | null,
  user = COLLECTOR,
): Promise<void> {
  const whose = { mongo_id: link, user_id: user, role_name: role, scope: 'TEAM', team_id: teamId(team) };
  const made = { is_active: true, created_at: '2023-05-06 07:08:09.010203+00', created_by: 'somebody' };
  return insertRows(client, [{ ...whose, ...made, last_sync_at: '-infinity', sync_status: 'PENDING' }]);
}

/** A member for each odd activity, whose inactive copy in MongoDB the plan therefore reactivates. */
async function oddCopies(databases: TestDatabases, team: number): Promise<void> {
  for (const [index, is_active] of ODD_ACTIVITIES.entries()) {
    const user = `05e50000000000000000000${String.fromCharCode(97 + index)}`;
    await insertMembership(databases.mongo, team, user);
    const copy = { ...document(team, user), is_active };
    await databases.mongo.collection('user_roles').insertOne(copy, { ignoreUndefined: true });
    await insertRow(databases, team, 'member', linkOf(team, user), user);
  }
}

/** Every row of both stores with every field, column and type, but without the serial ids, in an order of their own. */
export async function rowsWithoutSerials(
  stage: Stage,
): Promise<{ readonly mongo: readonly string[]; readonly postgres: readonly string[] }> {
  const { pg: client } = stage.databases;
  const columns = await client.query<{ list: string }>(
    `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS list FROM pg_attribute
      WHERE attrelid = 'postgres_user_roles'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'`,
  );
  const found = await client.query<{ text: string }>(
    `SELECT ROW(${columns.rows[0]?.list ?? ''})::text AS text FROM postgres_user_roles ORDER BY 1`,
  );
  const { mongo } = await stage.contents();
  return { mongo: Object.values(mongo).sort(), postgres: found.rows.map(({ text }) => text) };
}

import { BSON, Decimal128, type Document, Double, Long, Timestamp } from 'mongodb';
import pg from 'pg';
import { describe, expect, it, onTestFinished, test } from 'vitest';
import { DEFAULT_MAPPING } from '../../../../src/model/mapping.js';
import { createPostgresSchema } from '../../../../src/sandbox/tables.js';
import { openFactsReader } from '../../../../src/stores/open-facts-reader.js';
import { createTestDatabases } from '../../../servers.js';
import { oid, row, team, user } from '../numbered-ids.js';
import { connectBoth } from '../test-connections.js';
import { NOW, emptyStage } from './stage.js';
import { teamsIn } from './told.js';

const stage = await emptyStage();

describe('the images of rows', () => {
  it('hold a document with every type it has', async () => {
    const document = {
      _id: oid(row(1)),
      user_id: user(1),
      team_id: oid(team(1)),
      role_name: 'member',
      scope: 'TEAM',
      is_active: true,
      created_at: NOW,
      created_by: 'system',
      double: new Double(1),
      negativeZero: new Double(-0),
      int: 1,
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('1.10'),
      nested: { list: [null, { deep: new Double(2) }], empty: {} },
      binary: new BSON.Binary(Buffer.alloc(16, 7), 4),
      pattern: new BSON.BSONRegExp('a+', 'im'),
      stamp: new Timestamp({ t: 1, i: 2 }),
      early: new Date(-1),
    };
    await stage.databases.mongo.collection('user_roles').insertOne(document);
    const [read] = teamsIn(await stage.readAll());
    const image = read?.images.mongo(user(1), row(1));
    expect(image).toMatchObject({
      double: { $numberDouble: '1.0' },
      negativeZero: { $numberDouble: '-0.0' },
      int: { $numberInt: '1' },
      long: { $numberLong: '9007199254740993' },
      decimal: { $numberDecimal: '1.10' },
      created_at: { $date: { $numberLong: String(NOW.getTime()) } },
    });
    const restored: unknown = BSON.EJSON.parse(JSON.stringify(image), { relaxed: false });
    expect(Buffer.from(BSON.serialize({ restored }))).toEqual(
      Buffer.from(BSON.serialize({ restored: document })),
    );
  });

  it('are refused where the document could not be restored from them', async () => {
    const nested = (depth: number): Document => (depth === 0 ? {} : { n: nested(depth - 1) });
    const odd: Document[] = [
      { odd: { $numberInt: '1' } },
      { odd: JSON.parse('{"__proto__":1}') as unknown },
      { odd: nested(95) },
    ];
    for (const [n, document] of odd.entries()) {
      const bytes = BSON.serialize({ _id: oid(row(n)), user_id: user(1), team_id: team(n), ...document });
      const { insertedId } = await stage.databases.mongo
        .collection('user_roles')
        .insertOne({ role_name: 'member', scope: 'TEAM', is_active: true, ...BSON.deserialize(bytes) });
      expect(insertedId).toEqual(oid(row(n)));
    }
    await stage.addRole({ _id: oid(row(50)), user_id: user(1), team_id: team(50), fine: nested(80) });
    const teams = teamsIn(await stage.readAll());
    const images = teams.map(({ images: found, facts }) =>
      [...facts.users].flatMap(({ rows }) =>
        rows.mongo.map(({ id: key }) => found.mongo(user(1), key) !== null),
      ),
    );
    expect(images).toEqual([[false], [false], [false], [true]]);
  });

  it('hold every column of a row in its own text', async () => {
    await stage.databases.pg.query(
      `ALTER TABLE postgres_user_roles ADD "Extra ""col" double precision, ADD gone int, ADD raw bytea, ADD span interval`,
    );
    await stage.databases.pg.query('ALTER TABLE postgres_user_roles DROP gone');
    await stage.addRow({
      user_id: user(1),
      team_id: team(1),
      'Extra "col': 0.1,
      raw: Buffer.from([0, 255]),
      span: '1 day 2 hours',
    });
    const [read] = teamsIn(await stage.readAll());
    await stage.closeReader();
    await stage.databases.pg.query('ALTER TABLE postgres_user_roles DROP "Extra ""col", DROP raw, DROP span');
    const image = read?.images.postgres(user(1), 1);
    expect(image).toEqual({
      id: '1',
      mongo_id: null,
      user_id: user(1),
      role_name: 'member',
      scope: 'TEAM',
      team_id: team(1),
      is_active: 't',
      created_at: '2026-01-02 03:04:05.000006+00',
      created_by: 'system',
      last_sync_at: '2026-01-02 03:04:05+00',
      sync_status: 'SYNCED',
      sync_error: null,
      'Extra "col': '0.1',
      raw: '\\x00ff',
      span: '1 day 02:00:00',
    });
    expect(Object.keys(image ?? {})[0]).toBe('id');
  });
});

test('bytes that are no UTF-8 in a SQL_ASCII database are told with row and column, and other bytes are read', async () => {
  const databases = await createTestDatabases();
  onTestFinished(() => databases.drop());
  const name = `${databases.postgresDb}_ascii`;
  await databases.pg.query(
    `CREATE DATABASE ${databases.pg.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  const url = new URL(databases.postgresUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await databases.pg.query(`DROP DATABASE ${databases.pg.escapeIdentifier(name)} WITH (FORCE)`);
  });
  await createPostgresSchema(client);
  const insert = (id: number, scope: string): Promise<unknown> =>
    client.query(
      `INSERT INTO postgres_user_roles (id, user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
       VALUES ($1, $2, 'member', $3, $2, true, now(), 'system', now(), 'SYNCED')`,
      [id, 'a'.repeat(24), scope],
    );
  await insert(1, 'TEAM');
  // "é" and "👩" in UTF-8; "é" in Latin 1; half a surrogate.
  const raw = (id: number, bytes: string): Promise<unknown> =>
    client.query(`UPDATE postgres_user_roles SET sync_error = ${bytes} WHERE id = $1`, [id]);
  const open = async (): Promise<void> => {
    const connections = await connectBoth({ ...databases, postgresDb: name });
    try {
      await openFactsReader(connections, DEFAULT_MAPPING);
    } finally {
      await connections.close();
    }
  };
  await raw(1, `chr(195) || chr(169) || chr(240) || chr(159) || chr(145) || chr(169)`);
  await open();
  await insert(2, 'GLOBAL');
  await raw(2, 'chr(233)');
  await open();
  for (const bytes of ['chr(233)', `'x' || chr(237) || chr(160) || chr(128)`, 'chr(192) || chr(128)']) {
    await raw(1, bytes);
    await expect(open()).rejects.toMatchObject({
      text: { problem: 'the row with the id 1 holds bytes in sync_error that are no UTF-8' },
    });
  }
});

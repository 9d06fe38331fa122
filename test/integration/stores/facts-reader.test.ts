import { BSON, Decimal128, Double, Long, ObjectId, Timestamp, type Document } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Read, ReadTeam } from '../../../src/stores/facts-reader.js';
import { openFactsReader, type OpenFactsReader } from '../../../src/stores/open-facts-reader.js';
import { startMongoStandIn } from '../../../src/sandbox/mongo-stand-in/index.js';
import { createMongoSchema } from '../../../src/sandbox/schema.js';
import { connectMongo } from '../../../src/stores/mongo-connection.js';
import { shardOf } from '../../../src/team/team-filter.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/team/mapping.js';
import type { TeamFilter } from '../../../src/team/team-filter.js';
import { createTestDatabases, type TestDatabases } from '../../servers.js';
import { connectBoth, type TestConnections } from './test-connections.js';

const ALL: TeamFilter = { teams: null, excludeTeams: [], shard: null };
const id = (kind: string, n: number): string => kind.repeat(4) + n.toString(16).padStart(20, '0');
const team = (n: number): string => id('1', n);
const user = (n: number): string => id('a', n);
const row = (n: number): string => id('f', n);
const oid = (hex: string): ObjectId => ObjectId.createFromHexString(hex);
const NOW = new Date('2026-01-02T03:04:05.678Z');

let databases: TestDatabases;
let connections: TestConnections;
let reader: OpenFactsReader | undefined;

beforeAll(async () => {
  databases = await createTestDatabases();
  connections = await connectBoth(databases);
});

beforeEach(async () => {
  for (const name of ['teams', 'user_team_details', 'user_roles']) {
    await databases.mongo.collection(name).deleteMany({});
  }
  await databases.pg.query('TRUNCATE postgres_user_roles RESTART IDENTITY');
});

afterEach(async () => {
  await reader?.close();
  reader = undefined;
});

afterAll(async () => {
  await connections.close();
  await databases.drop();
});

async function open(mapping: Mapping = DEFAULT_MAPPING, batchSize = 2): Promise<OpenFactsReader> {
  return (reader = await openFactsReader(connections, mapping, { batchSize }));
}

async function readAll(filter: TeamFilter = ALL, mapping: Mapping = DEFAULT_MAPPING): Promise<Read[]> {
  const reads: Read[] = [];
  for await (const read of (await open(mapping)).read(filter)) reads.push(read);
  return reads;
}

function teamsIn(reads: readonly Read[]): ReadTeam[] {
  return reads.flatMap((read) => (read.kind === 'team' ? [read.team] : []));
}

function findingsIn(reads: readonly Read[]): string[] {
  return reads
    .flatMap((read) => (read.kind === 'finding' ? [JSON.stringify(Object.values(read.finding))] : []))
    .sort();
}

/** One line a user: enough to see whose rows were found where. */
function told({ facts }: ReadTeam): string[] {
  return [...facts.users]
    .map(({ user: name, member, rows, malformedRow }) => {
      const held = [...rows.mongo, ...rows.postgres].map(({ id: key, role }) => `${key}=${role}`);
      return [name, member ? 'member' : '-', ...held, ...(malformedRow ? ['malformed'] : [])].join(' ');
    })
    .sort();
}

async function addTeam(document: Document): Promise<void> {
  await databases.mongo
    .collection('teams')
    .insertOne({ name: 'Team', created_by: user(1), is_deleted: false, ...document });
}

async function addMember(document: Document): Promise<void> {
  await databases.mongo.collection('user_team_details').insertOne({ is_active: true, ...document });
}

async function addRole(document: Document): Promise<void> {
  await databases.mongo.collection('user_roles').insertOne({
    role_name: 'member',
    scope: 'TEAM',
    is_active: true,
    created_at: NOW,
    created_by: 'system',
    ...document,
  });
}

async function addRow(columns: Record<string, unknown>): Promise<void> {
  const all = {
    role_name: 'member',
    scope: 'TEAM',
    is_active: true,
    created_at: '2026-01-02 03:04:05.000006+00',
    created_by: 'system',
    last_sync_at: '2026-01-02 03:04:05+00',
    sync_status: 'SYNCED',
    ...columns,
  };
  const names = Object.keys(all).map((name) => databases.pg.escapeIdentifier(name));
  const values = Object.values(all);
  await databases.pg.query(
    `INSERT INTO postgres_user_roles (${names.join(', ')}) VALUES (${values.map((_, i) => `$${i + 1}`).join(', ')})`,
    values,
  );
}

describe('reading the facts', () => {
  it('brings together ids in both forms, whatever the order they stand in', async () => {
    for (const n of [3, 1, 2]) {
      await addTeam({ _id: oid(team(n)), created_by: n === 2 ? oid(user(1)) : user(1) });
      await addMember({
        user_id: n === 1 ? oid(user(1)) : user(1),
        team_id: n === 3 ? oid(team(n)) : team(n),
      });
      await addMember({ user_id: user(2), team_id: n === 3 ? team(n) : oid(team(n)) });
      await addRole({ _id: oid(row(n)), user_id: user(1), team_id: oid(team(n)) });
      await addRole({ _id: oid(row(n + 10)), user_id: oid(user(1)), team_id: team(n), role_name: 'admin' });
      await addRow({ user_id: user(3), team_id: team(n), mongo_id: row(n + 20) });
    }
    const reads = await readAll();
    expect(reads.map(({ kind }) => kind)).toEqual(['team', 'team', 'team']);
    const teams = teamsIn(reads);
    expect(teams.map(({ facts }) => facts.team)).toEqual(
      [1, 2, 3].map((n) => ({ id: team(n), name: 'Team', state: 'live', createdBy: user(1) })),
    );
    expect(teams.map(told)).toEqual(
      [1, 2, 3].map((n) => [
        `${user(1)} member ${row(n)}=member ${row(n + 10)}=admin`,
        `${user(2)} member`,
        `${user(3)} - ${[3, 1, 2].indexOf(n) + 1}=member`,
      ]),
    );
    expect(teams.map(({ activeRows }) => activeRows)).toEqual([
      { mongo: 2, postgres: 1 },
      { mongo: 2, postgres: 1 },
      { mongo: 2, postgres: 1 },
    ]);
  });

  it('interleaves teams that only role rows name, and takes no team from memberships alone', async () => {
    await addTeam({ _id: oid(team(2)), is_deleted: true });
    await addRole({ user_id: user(1), team_id: team(1) });
    await addRow({ user_id: user(1), team_id: team(3) });
    await addMember({ user_id: user(1), team_id: team(4) });
    await addMember({ user_id: user(1), team_id: team(0) });
    const teams = teamsIn(await readAll());
    expect(
      teams.map(
        ({
          facts: {
            team: { id: found, state },
          },
        }) => [found, state],
      ),
    ).toEqual([
      [team(1), 'missing'],
      [team(2), 'deleted'],
      [team(3), 'missing'],
    ]);
  });

  it('takes as active what is exactly true, and rows of scope TEAM alone', async () => {
    await addTeam({ _id: oid(team(1)) });
    for (const is_active of [false, 1, 'true', null, [true], { a: true }]) {
      await addMember({ user_id: user(2), team_id: team(1), is_active });
      await addRole({ user_id: user(2), team_id: team(1), is_active });
    }
    for (const scope of ['GLOBAL', 'team', null, ['TEAM'], 1]) {
      await addRole({ user_id: user(2), team_id: team(1), scope });
    }
    await addRow({ user_id: user(2), team_id: team(1), is_active: false });
    await addRow({ user_id: user(2), team_id: team(1), scope: 'GLOBAL' });
    const reads = await readAll();
    expect(findingsIn(reads)).toEqual([]);
    expect(teamsIn(reads).map(told)).toEqual([[]]);
  });

  it('tells of rows whose team is illegible, with the user where that can be read', async () => {
    const illegible = [
      null,
      undefined,
      7,
      '',
      'nonsense',
      team(1).toUpperCase(),
      [team(1)],
      { $oid: 'x' },
      [],
      [1],
    ];
    await addTeam({ _id: oid(team(1)) });
    for (const [n, team_id] of illegible.entries()) {
      const owner = n % 2 === 0 ? user(n) : 'nobody';
      const where = team_id === undefined ? {} : { team_id };
      await addRole({ user_id: owner, ...where });
      await addMember({ user_id: owner, ...where });
    }
    await addRow({ user_id: user(50), team_id: null });
    await addRow({ user_id: 'nobody', team_id: 'nonsense' });
    await addRow({ user_id: user(51), team_id: team(1).slice(1) });
    const reads = await readAll();
    const users = [user(0), user(2), user(4), user(6), user(8), null];
    const expected = [
      ...users.map((name) => ['malformed-membership', null, name]),
      ...[...users, user(50), user(51)].map((name) => ['malformed-row', null, name]),
    ].map((finding) => JSON.stringify(finding));
    expect([...new Set(findingsIn(reads))]).toEqual(expected.sort());
    expect(teamsIn(reads).map(told)).toEqual([[]]);
    await reader?.close();
    // With a filter nothing but the teams in it is looked for; the array holds one of them.
    const filtered = findingsIn(await readAll({ ...ALL, teams: [team(1)] }));
    expect([...new Set(filtered)]).toEqual([
      JSON.stringify(['malformed-membership', null, user(6)]),
      JSON.stringify(['malformed-row', null, user(6)]),
    ]);
  });

  it('marks users and teams whose rows are malformed, and no others', async () => {
    for (let n = 1; n <= 4; n++) await addTeam({ _id: oid(team(n)) });
    await addRole({ user_id: 'nobody', team_id: team(1) });
    await addRow({ user_id: 'nobody', team_id: team(2) });
    await addMember({ user_id: 17, team_id: oid(team(3)) });
    await addMember({ user_id: user(2), team_id: team(4) });
    await addRole({ user_id: user(3), team_id: team(4), role_name: 5 });
    await addRole({ user_id: user(4), team_id: team(4), role_name: 'x'.repeat(51) });
    await addRole({ user_id: user(5), team_id: team(4), role_name: 'ad\u202emin' });
    await addRole({ _id: 'no id', user_id: user(6), team_id: team(4) });
    await addRow({ user_id: user(7), team_id: team(4), mongo_id: 'no id' });
    await addRow({ user_id: user(8), team_id: team(4), role_name: '' });
    await addRow({ id: -1, user_id: user(9), team_id: team(4) });
    const teams = teamsIn(await readAll());
    expect(teams.map(({ facts }) => [facts.illegibleRowUser, facts.illegibleMembershipUser])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
    expect(teams.map(told)).toEqual([
      [],
      [],
      [],
      [`${user(2)} member`, ...[3, 4, 5, 6, 7, 8, 9].map((n) => `${user(n)} - malformed`)],
    ]);
  });

  it('reads names for display, and no creator where the document does not say it beyond doubt', async () => {
    await addTeam({ _id: oid(team(1)), name: 'a\u202eb\u0000c', created_by: 'nobody' });
    await addTeam({ _id: oid(team(2)), name: 12, created_by: null });
    await addTeam({ _id: oid(team(3)), name: `${'x'.repeat(255)}\u{1f600}` });
    await addTeam({ _id: oid(team(4)) });
    await addTeam({ _id: team(4), is_deleted: true, created_by: user(2) });
    await addTeam({ _id: 'nonsense' });
    await addTeam({ _id: 5 });
    const reads = await readAll();
    expect(findingsIn(reads)).toEqual([]);
    expect(teamsIn(reads).map(({ facts }) => facts.team)).toEqual([
      { id: team(1), name: 'a\ufffdb\ufffdc', state: 'live', createdBy: null },
      { id: team(2), name: null, state: 'live', createdBy: null },
      { id: team(3), name: `${'x'.repeat(255)}\ufffd`, state: 'live', createdBy: user(1) },
      expect.objectContaining({ id: team(4), state: 'live', createdBy: null }),
    ]);
  });

  it('reads plain strings as ids where the mapping says so', async () => {
    const mapping: Mapping = { ...DEFAULT_MAPPING, ids: 'string' };
    await addTeam({ _id: 'zebra', created_by: 'anna' });
    await addTeam({ _id: oid(team(1)) });
    await addRole({ _id: 'r1', user_id: 'anna', team_id: 'zebra' });
    await addRow({ user_id: 'anna', team_id: 'Zebra', mongo_id: 'r2' });
    await addRow({ user_id: 'anna', team_id: 'zebra', mongo_id: 'r1' });
    const teams = teamsIn(await readAll(ALL, mapping));
    expect(teams.map(({ facts }) => [facts.team.id, facts.team.state])).toEqual([
      [team(1), 'live'],
      ['Zebra', 'missing'],
      ['zebra', 'live'],
    ]);
    expect(teams.map(told)[2]).toEqual(['anna - r1=member 2=member']);
  });

  it('takes plain strings for ids as far as the columns hold them', async () => {
    const mapping: Mapping = { ...DEFAULT_MAPPING, ids: 'string' };
    const other = await createTestDatabases();
    const wide = await connectBoth(other);
    const uuid = '0b9d7c1e-8f52-4d0e-9a51-3f6f1f1f2a77';
    try {
      await other.pg.query(`
        CREATE DOMAIN short AS varchar(10);
        ALTER TABLE postgres_user_roles
          ALTER user_id TYPE varchar(36), ALTER team_id TYPE text, ALTER mongo_id TYPE short`);
      await other.mongo.collection<{ _id: string; created_by: string }>('teams').insertMany([
        { _id: 't'.repeat(120), created_by: uuid },
        { _id: 't'.repeat(121), created_by: uuid },
        { _id: 'x', created_by: `${uuid}0` },
      ]);
      await other.mongo.collection<{ _id: string }>('user_roles').insertMany(
        ['1234567890', '12345678901'].map((_id) => ({
          ...{ _id, user_id: uuid, team_id: 'x', role_name: _id.slice(5), scope: 'TEAM', is_active: true },
        })),
      );
      const widened = await openFactsReader(wide, mapping);
      const reads: Read[] = [];
      for await (const read of widened.read(ALL)) reads.push(read);
      await widened.close();
      const teams = teamsIn(reads);
      expect(teams.map(({ facts }) => [facts.team.id, facts.team.createdBy])).toEqual([
        ['t'.repeat(120), uuid],
        ['x', null],
      ]);
      expect(teams[1]?.facts.users).toEqual([
        {
          ...{ user: uuid, member: false, malformedRow: true },
          rows: { mongo: [{ id: '1234567890', role: '67890', active: true }], postgres: [] },
        },
      ]);

      await other.pg.query('ALTER TABLE postgres_user_roles ALTER user_id TYPE character(36)');
      await expect(openFactsReader(wide, mapping)).rejects.toThrow(/user_id: of type character\(n\)/);
      await (await openFactsReader(wide, DEFAULT_MAPPING)).close();
    } finally {
      await wide.close();
      await other.drop();
    }
  });

  it('works without any index', async () => {
    const without = await createTestDatabases();
    const bare = await connectBoth(without);
    try {
      for (const name of ['user_team_details', 'user_roles'])
        await without.mongo.collection(name).dropIndexes();
      await without.pg.query('DROP INDEX idx_postgres_user_roles_team_id, idx_postgres_user_roles_mongo_id');
      const ids = Array.from({ length: 30 }, (_, n) => team((n * 17) % 30));
      await without.mongo.collection('user_roles').insertMany(
        ids.map((team_id, n) => ({
          user_id: user(1),
          team_id: n % 2 === 0 ? team_id : oid(team_id),
          role_name: 'member',
          scope: 'TEAM',
          is_active: true,
        })),
      );
      const unindexed = await openFactsReader(bare, DEFAULT_MAPPING, { batchSize: 4 });
      const found: string[] = [];
      for await (const read of unindexed.read(ALL))
        if (read.kind === 'team') found.push(read.team.facts.team.id);
      await unindexed.close();
      expect(found).toEqual([...ids].sort());
    } finally {
      await bare.close();
      await without.drop();
    }
  });
});

describe('the filter', () => {
  const ids = Array.from({ length: 12 }, (_, n) => team(n));
  const found = async (filter: Partial<TeamFilter>): Promise<string[]> =>
    teamsIn(await readAll({ ...ALL, ...filter })).map(({ facts }) => facts.team.id);

  beforeEach(async () => {
    for (const [n, name] of ids.entries()) {
      if (n % 3 === 0) await addTeam({ _id: oid(name) });
      else if (n % 3 === 1) await addRole({ user_id: user(1), team_id: n % 2 === 0 ? name : oid(name) });
      else await addRow({ user_id: user(1), team_id: name });
    }
  });

  it('takes only the teams that are named', async () => {
    expect(await found({ teams: [team(2), team(3), team(4), team(7), team(99)] })).toEqual(
      [2, 3, 4, 7].map(team),
    );
    await reader?.close();
    expect(await found({ teams: [] })).toEqual([]);
  });

  it('leaves out the teams that are excluded', async () => {
    expect(await found({ excludeTeams: ids.slice(1) })).toEqual([team(0)]);
  });

  it('takes every team in exactly one of the parts', async () => {
    const parts: string[][] = [];
    for (const index of [0, 1, 2]) {
      parts.push(await found({ shard: { index, count: 3 } }));
      await reader?.close();
    }
    expect(parts.flat().sort()).toEqual(ids);
    expect(parts.every((part, index) => part.every((name) => shardOf(name, 3) === index))).toBe(true);
  });
});

describe('one point in time', () => {
  it('does not see what is committed while it reads', async () => {
    const ids = Array.from({ length: 20 }, (_, n) => team(n));
    for (const name of ids) {
      await addTeam({ _id: oid(name) });
      await addRole({ _id: oid(name), user_id: user(1), team_id: name });
      await addRow({ user_id: user(1), team_id: name, mongo_id: name });
    }
    const opened = await open();
    const teams: ReadTeam[] = [];
    for await (const one of opened.read(ALL)) {
      if (one.kind === 'team') teams.push(one.team);
      if (teams.length !== 1) continue;
      await databases.pg.query('UPDATE postgres_user_roles SET is_active = false');
      await addRow({ user_id: user(2), team_id: team(15), mongo_id: row(1) });
      await databases.mongo.collection('user_roles').updateMany({}, { $set: { is_active: false } });
      await databases.mongo.collection('teams').deleteMany({});
    }
    expect(teams.map(({ activeRows }) => activeRows.postgres)).toEqual(ids.map(() => 1));
    const found = await opened.links({ mongo: [team(15)], postgres: [team(15), row(1)] });
    expect(found.links.postgres(team(15))).toMatchObject({ active: true });
    expect(found.links.postgres(row(1))).toBeUndefined();
    // The stand-in has snapshot reads; not every compatible engine does, and then the reader says so.
    if (!process.env['FIX_ROLES_TEST_MONGODB_URI']) expect(opened.consistency.mongo).toBe('snapshot');
    if (opened.consistency.mongo === 'available') return;
    expect(teams.map(({ activeRows }) => activeRows.mongo)).toEqual(ids.map(() => 1));
    expect(teams.map(({ facts }) => facts.team.state)).toEqual(ids.map(() => 'live'));
    expect(found.links.mongo(team(15))).toMatchObject({ active: true });
  });

  it('is told of as not had where MongoDB has no snapshots', async () => {
    const standalone = await startMongoStandIn({ topology: 'standalone' });
    const mongo = await connectMongo({ uri: standalone.uri, database: 'alone' }, { purpose: 'plan' });
    try {
      await createMongoSchema(mongo.db);
      await mongo.db.collection('teams').insertOne({ name: 'Team', created_by: user(1) });
      reader = await openFactsReader({ ...connections, mongo }, DEFAULT_MAPPING);
      expect(reader.targets.mongo.replicaSet).toBeNull();
      expect(reader.consistency).toEqual({ mongo: 'available', postgres: 'snapshot' });
      const reads: Read[] = [];
      for await (const read of reader.read(ALL)) reads.push(read);
      expect(teamsIn(reads)).toHaveLength(1);
    } finally {
      await mongo.close();
      await standalone.stop();
    }
  });

  it('cannot write', async () => {
    await open();
    await expect(connections.postgres.client.query('DELETE FROM public.postgres_user_roles')).rejects.toThrow(
      'read-only transaction',
    );
  });

  it('leaves the connections usable when it ends early', async () => {
    for (let n = 0; n < 20; n++) await addRow({ user_id: user(1), team_id: team(n) });
    for await (const read of (await open()).read(ALL)) if (read.kind === 'team') break;
    await reader?.close();
    reader = undefined;
    expect(teamsIn(await readAll())).toHaveLength(20);
  });
});

describe('links', () => {
  it('finds who holds an id in either form, of any scope and however malformed', async () => {
    await addRole({ _id: oid(row(1)), user_id: oid(user(1)), team_id: team(1), is_active: false });
    await addRole({ _id: row(2), user_id: 'nobody', team_id: 3, scope: 'GLOBAL' });
    await addRole({ _id: oid(row(3)), user_id: user(1), team_id: team(1) });
    await addRole({ _id: row(3), user_id: user(2), team_id: team(2) });
    await addRow({ mongo_id: row(1), user_id: user(1), team_id: team(1), is_active: false });
    await addRow({ mongo_id: row(2), user_id: 'nobody', team_id: null, scope: 'GLOBAL' });
    await addRow({ id: -1, mongo_id: row(3), user_id: user(1), team_id: team(1) });
    const ids = [1, 2, 3, 4].map(row);
    const { links, images } = await (await open()).links({ mongo: ids, postgres: ids });
    const inactive = { user: user(1), team: team(1), role: 'member', scope: 'TEAM', active: false };
    const global = { user: null, team: null, role: 'member', scope: 'GLOBAL', active: true };
    expect(ids.map((link) => links.mongo(link))).toEqual([
      { id: row(1), ...inactive },
      { id: row(2), ...global },
      'several',
      undefined,
    ]);
    expect(ids.map((link) => links.postgres(link))).toEqual([
      { id: 1, mongoId: row(1), ...inactive },
      { id: 2, mongoId: row(2), ...global },
      'several',
      undefined,
    ]);
    expect(images.mongo(user(1), row(1))).toMatchObject({ _id: { $oid: row(1) } });
    expect(images.postgres(user(1), 1)).toMatchObject({ id: '1', mongo_id: row(1), is_active: 'f' });
    expect(images.mongo(user(2), row(1))).toBeNull();
  });
});

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
    await databases.mongo.collection('user_roles').insertOne(document);
    const [read] = teamsIn(await readAll());
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
      const { insertedId } = await databases.mongo
        .collection('user_roles')
        .insertOne({ role_name: 'member', scope: 'TEAM', is_active: true, ...BSON.deserialize(bytes) });
      expect(insertedId).toEqual(oid(row(n)));
    }
    await addRole({ _id: oid(row(50)), user_id: user(1), team_id: team(50), fine: nested(80) });
    const teams = teamsIn(await readAll());
    const images = teams.map(({ images: found, facts }) =>
      [...facts.users].flatMap(({ rows }) =>
        rows.mongo.map(({ id: key }) => found.mongo(user(1), key) !== null),
      ),
    );
    expect(images).toEqual([[false], [false], [false], [true]]);
  });

  it('hold every column of a row in its own text', async () => {
    await databases.pg.query(
      `ALTER TABLE postgres_user_roles ADD "Extra ""col" double precision, ADD gone int, ADD raw bytea, ADD span interval`,
    );
    await databases.pg.query('ALTER TABLE postgres_user_roles DROP gone');
    await addRow({
      user_id: user(1),
      team_id: team(1),
      'Extra "col': 0.1,
      raw: Buffer.from([0, 255]),
      span: '1 day 2 hours',
    });
    const [read] = teamsIn(await readAll());
    await reader?.close();
    reader = undefined;
    await databases.pg.query('ALTER TABLE postgres_user_roles DROP "Extra ""col", DROP raw, DROP span');
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

import { ObjectId, type Document } from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Read, ReadTeam } from '../../../src/stores/facts-reader.js';
import { openFactsReader, type OpenFactsReader } from '../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/team/mapping.js';
import type { TeamFilter } from '../../../src/team/team-filter.js';
import { createTestDatabases, type TestDatabases } from '../../servers.js';
import { connectBoth, type TestConnections } from './test-connections.js';

export const ALL: TeamFilter = { teams: null, excludeTeams: [], shard: null };
const id = (kind: string, n: number): string => kind.repeat(4) + n.toString(16).padStart(20, '0');
export const team = (n: number): string => id('1', n);
export const user = (n: number): string => id('a', n);
export const row = (n: number): string => id('f', n);
export const oid = (hex: string): ObjectId => ObjectId.createFromHexString(hex);
export const NOW = new Date('2026-01-02T03:04:05.678Z');

export let databases: TestDatabases;
export let connections: TestConnections;
let reader: OpenFactsReader | undefined;

/** Databases for the file that calls it, empty before each of its tests. */
export function useEmptyStores(): void {
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

  afterEach(closeReader);

  afterAll(async () => {
    await connections.close();
    await databases.drop();
  });
}

/** Opens a reader, which is closed when the test ends. */
export async function open(
  mapping: Mapping = DEFAULT_MAPPING,
  batchSize = 2,
  stores: TestConnections = connections,
): Promise<OpenFactsReader> {
  return (reader = await openFactsReader(stores, mapping, { batchSize }));
}

export async function closeReader(): Promise<void> {
  await reader?.close();
  reader = undefined;
}

export async function readAll(filter: TeamFilter = ALL, mapping: Mapping = DEFAULT_MAPPING): Promise<Read[]> {
  const reads: Read[] = [];
  for await (const read of (await open(mapping)).read(filter)) reads.push(read);
  return reads;
}

export function teamsIn(reads: readonly Read[]): ReadTeam[] {
  return reads.flatMap((read) => (read.kind === 'team' ? [read.team] : []));
}

export function findingsIn(reads: readonly Read[]): string[] {
  return reads
    .flatMap((read) => (read.kind === 'finding' ? [JSON.stringify(Object.values(read.finding))] : []))
    .sort();
}

/** One line a user: enough to see whose rows were found where. */
export function told({ facts }: ReadTeam): string[] {
  return [...facts.users]
    .map(({ user: name, member, rows, malformedRow }) => {
      const held = [...rows.mongo, ...rows.postgres].map(({ id: key, role }) => `${key}=${role}`);
      return [name, member ? 'member' : '-', ...held, ...(malformedRow ? ['malformed'] : [])].join(' ');
    })
    .sort();
}

export async function addTeam(document: Document): Promise<void> {
  await databases.mongo
    .collection('teams')
    .insertOne({ name: 'Team', created_by: user(1), is_deleted: false, ...document });
}

export async function addMember(document: Document): Promise<void> {
  await databases.mongo.collection('user_team_details').insertOne({ is_active: true, ...document });
}

export async function addRole(document: Document): Promise<void> {
  await databases.mongo.collection('user_roles').insertOne({
    role_name: 'member',
    scope: 'TEAM',
    is_active: true,
    created_at: NOW,
    created_by: 'system',
    ...document,
  });
}

export async function addRow(columns: Record<string, unknown>): Promise<void> {
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

import type { Document } from 'mongodb';
import { afterAll, afterEach, beforeEach } from 'vitest';
import type { Read } from '../../../../src/stores/facts-reader.js';
import { openFactsReader, type OpenFactsReader } from '../../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../../src/model/policy.js';
import type { TeamFilter } from '../../../../src/model/team-filter.js';
import { fill } from '../../../databases.js';
import { createTestDatabases, type TestDatabases } from '../../../servers.js';
import { user } from '../numbered-ids.js';
import type { Connections } from '../../../../src/stores/connections.js';
import { connectBoth, endSnapshot } from '../test-connections.js';

export const ALL: TeamFilter = { teams: null, excludeTeams: [], shard: null };
export const NOW = new Date('2026-01-02T03:04:05.678Z');

/** A stage for the tests of a file, empty before each of them. */
export async function emptyStage(): Promise<Stage> {
  const stage = await Stage.open();
  beforeEach(() => stage.clear());
  afterEach(() => stage.closeReader());
  afterAll(() => stage.close());
  return stage;
}

/** Databases of its own, what a test puts into them, and a reader that reads it. */
export class Stage {
  readonly databases: TestDatabases;
  readonly connections: Connections;

  private constructor(databases: TestDatabases, connections: Connections) {
    this.databases = databases;
    this.connections = connections;
  }

  static async open(): Promise<Stage> {
    const databases = await createTestDatabases();
    return new Stage(databases, await connectBoth(databases));
  }

  async close(): Promise<void> {
    await this.connections.close();
    await this.databases.drop();
  }

  clear(): Promise<void> {
    return fill(this.databases);
  }

  /** Opens a reader with batches so small that every test needs several. */
  openReader(mapping: Mapping = DEFAULT_MAPPING): Promise<OpenFactsReader> {
    return openFactsReader(this.connections, mapping, { batchSize: 2 });
  }

  closeReader(): Promise<void> {
    return endSnapshot(this.connections);
  }

  async readAll(filter = ALL, mapping = DEFAULT_MAPPING, policy = DEFAULT_POLICY): Promise<Read[]> {
    const reads: Read[] = [];
    for await (const read of (await this.openReader(mapping)).read(filter, policy)) reads.push(read);
    return reads;
  }

  async addTeam(document: Document): Promise<void> {
    await this.databases.mongo
      .collection('teams')
      .insertOne({ name: 'Team', created_by: user(1), is_deleted: false, ...document });
  }

  async addMember(document: Document): Promise<void> {
    await this.databases.mongo.collection('user_team_details').insertOne({ is_active: true, ...document });
  }

  async addRole(document: Document): Promise<void> {
    await this.databases.mongo.collection('user_roles').insertOne({
      role_name: 'member',
      scope: 'TEAM',
      is_active: true,
      created_at: NOW,
      created_by: 'system',
      ...document,
    });
  }

  async addRow(columns: Record<string, unknown>): Promise<void> {
    const { pg } = this.databases;
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
    const names = Object.keys(all).map((name) => pg.escapeIdentifier(name));
    const values = Object.values(all);
    await pg.query(
      `INSERT INTO postgres_user_roles (${names.join(', ')}) VALUES (${values.map((_, i) => `$${i + 1}`).join(', ')})`,
      values,
    );
  }
}

import { MongoClient } from 'mongodb';
import pg from 'pg';
import { expect } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/tables.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { ReplicaSet } from '../replica-set.js';
import { canary } from './canaries.js';

export const MONGO = canary('mongo');
export const POSTGRES = canary('postgres');
/** The password that opens nothing. */
export const WRONG = canary('wrong');

/** Servers of its own with sample data: on both, the user `keeper` must log in with a canary, over scram. */
export class GuardedServers {
  readonly postgres: EmbeddedPostgres;
  readonly mongo: ReplicaSet;
  readonly admin: pg.Client;

  private constructor(postgres: EmbeddedPostgres, mongo: ReplicaSet, admin: pg.Client) {
    this.postgres = postgres;
    this.mongo = mongo;
    this.admin = admin;
  }

  static async start(): Promise<GuardedServers> {
    const [postgres, mongo] = await Promise.all([
      startEmbeddedPostgres({ durability: 'off' }),
      ReplicaSet.start({ members: 1, access: 'password' }),
    ]);
    const admin = new pg.Client(postgres.url);
    await admin.connect();
    await admin.query("SET password_encryption = 'scram-sha-256'");
    await admin.query(
      `CREATE ROLE keeper LOGIN SUPERUSER PASSWORD ${admin.escapeLiteral(POSTGRES.password)}`,
    );
    const { rows } = await admin.query<{ method: string }>(
      "SELECT auth_method AS method FROM pg_hba_file_rules WHERE type = 'host'",
    );
    expect(new Set(rows.map(({ method }) => method))).toEqual(new Set(['scram-sha-256']));
    await createPostgresSchema(admin);
    const client = new MongoClient(mongo.uri);
    try {
      await client.db('admin').command({ createUser: 'keeper', pwd: MONGO.password, roles: ['root'] });
      await createMongoSchema(client.db('teams'));
      await insertSampleData(client.db('teams'), admin);
    } finally {
      await client.close();
    }
    return new GuardedServers(postgres, mongo, admin);
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await Promise.all([this.postgres.stop(), this.mongo.stop()]);
  }

  /** Where MongoDB listens. */
  get mongoPort(): number {
    return this.mongo.nodes[0]?.port ?? 0;
  }

  /** The tool is given each password in every way there is. */
  surroundings(
    given: 'url' | 'parts',
    passwords = { mongo: MONGO, postgres: POSTGRES },
  ): Record<string, string> {
    const [mongoPassword, postgresPassword] = [passwords.mongo.encoded, passwords.postgres];
    const shared = {
      MONGODB_URI: `mongodb://keeper:${mongoPassword}@127.0.0.1:${this.mongoPort}/?replicaSet=rs0&authSource=admin`,
      DB_NAME: 'teams',
    };
    const place = `${this.postgres.host}:${this.postgres.port}/postgres`;
    return given === 'url'
      ? { ...shared, POSTGRES_URL: `postgres://keeper:${postgresPassword.encoded}@${place}?sslmode=disable` }
      : {
          ...shared,
          ...{
            POSTGRES_HOST: this.postgres.host,
            POSTGRES_PORT: String(this.postgres.port),
            POSTGRES_DB: 'postgres',
          },
          ...{ POSTGRES_USER: 'keeper', POSTGRES_PASSWORD: postgresPassword.password },
        };
  }
}

import { connectMongo, type MongoConnection } from '../../../src/stores/mongo/connection.js';
import {
  connectPostgres,
  type PostgresConnection,
  type PostgresSettings,
} from '../../../src/stores/postgres/connection.js';
import type { TestDatabases } from '../../servers.js';

export interface TestConnections {
  readonly mongo: MongoConnection;
  readonly postgres: PostgresConnection;
  close(): Promise<void>;
}

/** The tool's own connections to the databases of a test. */
export async function connectBoth(databases: TestDatabases): Promise<TestConnections> {
  const mongo = await connectMongo(
    { uri: databases.mongoUri, database: databases.dbName },
    { purpose: 'plan' },
  );
  const postgres = await connectPostgres(postgresSettings(databases), {
    applicationName: 'fix-roles plan (test)',
  });
  return {
    mongo,
    postgres,
    close: async () => {
      await mongo.close();
      await postgres.close();
    },
  };
}

export function postgresSettings(databases: TestDatabases): PostgresSettings {
  const url = new URL(databases.postgresUrl);
  return {
    host: url.hostname,
    port: Number(url.port || '5432'),
    database: databases.postgresDb,
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    ssl: 'disable',
    sslRootCert: undefined,
  };
}

import { connectBoth as connect, type Connections } from '../../../src/stores/connections.js';
import type { MongoSettings } from '../../../src/stores/mongo/connection.js';
import type { PostgresSettings } from '../../../src/stores/postgres/connection.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { OwnDatabases } from '../../databases.js';

/** The tool's own connections to the databases of a test. */
export function connectBoth(databases: OwnDatabases): Promise<Connections> {
  return connect({ mongo: mongoSettings(databases), postgres: postgresSettings(databases) }, 'plan');
}

/** Ends what a reader reads in, so that another one can be opened on the same connections. */
export async function endSnapshot({ postgres }: Pick<Connections, 'postgres'>): Promise<void> {
  await postgres.transactions.abandon();
}

export function mongoSettings({ mongoUri, dbName }: OwnDatabases): MongoSettings {
  return { uri: mongoUri, database: dbName };
}

export function postgresSettings({ postgresUrl, postgresDb }: OwnDatabases): PostgresSettings {
  const url = new URL(postgresUrl);
  return {
    host: url.hostname,
    port: Number(url.port || '5432'),
    database: postgresDb,
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    ssl: 'disable',
    sslRootCert: undefined,
  };
}

/** What a use case is told of the databases of a test; of Postgres, where another way to it is given, that. */
export function configurationOf(databases: OwnDatabases, postgres = postgresSettings(databases)) {
  return {
    mongo: mongoSettings(databases),
    postgres,
    policy: DEFAULT_POLICY,
    mapping: DEFAULT_MAPPING,
    approvals: undefined,
  };
}

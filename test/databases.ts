import { MongoClient, type Db, type Document, type MongoClientOptions } from 'mongodb';
import pg from 'pg';
import { createMongoSchema, createPostgresSchema, type SchemaOptions } from '../src/sandbox/tables.js';

/** Addresses of both servers, without a database. */
export interface ServerAddresses {
  readonly mongoUri: string;
  readonly postgresUrl: string;
}

export interface DatabaseOptions extends SchemaOptions {
  /** What every session of the Postgres database begins with. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The name of the connection to Postgres. */
  readonly applicationName?: string;
  readonly mongo?: MongoClientOptions;
}

/** An empty database in each store, with the backend's schema and the same name, and a connection to it. */
export interface OwnDatabases {
  readonly mongoUri: string;
  readonly dbName: string;
  readonly mongoClient: MongoClient;
  readonly mongo: Db;
  /** Connection string of the own Postgres database. */
  readonly postgresUrl: string;
  readonly postgresDb: string;
  readonly pg: pg.Client;
  /** The variables that point the command line tool at these databases. */
  readonly env: Record<string, string>;
  /** Closes the connections and drops both databases. Safe to call twice. */
  drop(): Promise<void>;
}

/** Makes both databases under a name that nobody else has. */
export async function createDatabases(
  { mongoUri, postgresUrl }: ServerAddresses,
  name: string,
  options: DatabaseOptions = {},
): Promise<OwnDatabases> {
  const url = new URL(postgresUrl);
  url.pathname = `/${name}`;
  await onServer(postgresUrl, async (server) => {
    await server.query(`CREATE DATABASE ${server.escapeIdentifier(name)}`);
    for (const [setting, value] of Object.entries(options.settings ?? {}))
      await server.query(`ALTER DATABASE ${server.escapeIdentifier(name)} SET ${setting} = '${value}'`);
  });
  const dropPostgres = (): Promise<void> =>
    onServer(postgresUrl, (server) =>
      server.query(`DROP DATABASE IF EXISTS ${server.escapeIdentifier(name)} WITH (FORCE)`),
    );
  const client = await connect(url.href, options.applicationName).catch(async (error: unknown) => {
    await dropPostgres();
    throw error;
  });
  const mongoClient = new MongoClient(mongoUri, options.mongo);
  const mongo = mongoClient.db(name);
  let dropped: Promise<void> | undefined;
  const dropAll = async (): Promise<void> => {
    await client.end().catch(() => undefined);
    try {
      await mongo.dropDatabase();
    } finally {
      await mongoClient.close();
      await dropPostgres();
    }
  };
  const drop = (): Promise<void> => (dropped ??= dropAll());
  try {
    await createPostgresSchema(client, options);
    await createMongoSchema(mongo);
  } catch (error) {
    await drop().catch(() => undefined);
    throw error;
  }
  return {
    mongoUri,
    dbName: name,
    mongoClient,
    mongo,
    postgresUrl: url.href,
    postgresDb: name,
    pg: client,
    env: {
      MONGODB_URI: mongoUri,
      DB_NAME: name,
      POSTGRES_HOST: url.hostname,
      POSTGRES_PORT: url.port || '5432',
      POSTGRES_DB: name,
      POSTGRES_USER: decodeURIComponent(url.username),
      POSTGRES_PASSWORD: decodeURIComponent(url.password),
      POSTGRES_SSLMODE: url.searchParams.get('sslmode') ?? 'disable',
    },
    drop,
  };
}

/** Documents, and rows by column as JSON has them. */
export interface Contents {
  readonly teams?: readonly Document[];
  readonly memberships?: readonly Document[];
  readonly roles?: readonly Document[];
  readonly rows?: readonly object[];
}

/** Makes both databases hold exactly this. Rows without an id get those from 1 on, others keep theirs. */
export async function fill(
  { mongo, pg: client }: Pick<OwnDatabases, 'mongo' | 'pg'>,
  { teams = [], memberships = [], roles = [], rows = [] }: Contents = {},
): Promise<void> {
  const collections = { teams, user_team_details: memberships, user_roles: roles };
  for (const [name, documents] of Object.entries(collections)) {
    await mongo.collection(name).deleteMany({});
    if (documents.length > 0) await mongo.collection(name).insertMany(documents.map((one) => ({ ...one })));
  }
  // Faster than TRUNCATE, which makes new files for the table and each of its indexes.
  await client.query(
    `DELETE FROM postgres_user_roles; SELECT setval('postgres_user_roles_id_seq', 1, false)`,
  );
  await insertRows(client, rows);
  await client.query(
    `SELECT setval('postgres_user_roles_id_seq', coalesce(max(id), 0) + 1, false) FROM postgres_user_roles`,
  );
}

/** Inserts rows by column as JSON has them, all with the same columns; what is left out has its default. */
export async function insertRows(client: pg.Client, rows: readonly object[]): Promise<void> {
  const columns = Object.keys(rows[0] ?? { id: 0 }).map((name) => client.escapeIdentifier(name));
  await client.query(
    `INSERT INTO postgres_user_roles (${columns.join()})
     SELECT ${columns.join()} FROM json_populate_recordset(NULL::postgres_user_roles, $1)`,
    [JSON.stringify(rows)],
  );
}

/** A connection that outlives its own end: some tests make the server drop it, and the next query reports it. */
export async function connect(url: string, applicationName?: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: applicationName });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** Does something over a connection of its own. */
export async function onServer(url: string, act: (server: pg.Client) => Promise<unknown>): Promise<void> {
  const server = await connect(url);
  await act(server).finally(() => server.end());
}

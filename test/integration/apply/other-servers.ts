import { MongoClient } from 'mongodb';
import pg from 'pg';
import { createMongoSchema, createPostgresSchema } from '../../../src/sandbox/tables.js';
import type { TestDatabases } from '../../servers.js';

/** MongoDB on another server. */
export async function onMongo(mongoUri: string, databases: TestDatabases): Promise<TestDatabases> {
  const mongoClient = new MongoClient(mongoUri);
  const mongo = mongoClient.db(databases.dbName);
  await createMongoSchema(mongo);
  const drop = async (): Promise<void> => {
    await mongoClient.close();
    await databases.drop();
  };
  const env = { ...databases.env, MONGODB_URI: mongoUri };
  return { ...databases, mongoUri, mongoClient, mongo, env, drop };
}

/** PostgreSQL on another server: an empty database, which is left behind there. */
export async function onPostgres(postgresUrl: string, databases: TestDatabases): Promise<TestDatabases> {
  const client = new pg.Client(postgresUrl);
  await client.connect();
  await createPostgresSchema(client);
  const drop = async (): Promise<void> => {
    await client.end();
    await databases.drop();
  };
  return { ...databases, postgresUrl, postgresDb: new URL(postgresUrl).pathname.slice(1), pg: client, drop };
}

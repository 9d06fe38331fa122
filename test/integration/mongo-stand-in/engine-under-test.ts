import { randomUUID } from 'node:crypto';
import { type Collection, type Db, MongoClient } from 'mongodb';
import { type MongoStandIn, startMongoStandIn } from '../../../src/sandbox/mongo-stand-in/index.js';
import type { Row } from './rows.js';

/**
 * The same checks run against the stand-in and, where FIX_ROLES_TEST_MONGODB_URI names one, against a server that
 * nobody wrote for this project. Where the two disagree that server is right, except for what is said at the checks
 * that are for the stand-in alone.
 */
export const external = process.env.FIX_ROLES_TEST_MONGODB_URI;

/** The external engine or else a stand-in of its own, and on it a database that no other test file has. */
export class EngineUnderTest {
  readonly uri: string;
  readonly client: MongoClient;
  readonly db: Db;
  readonly #standIn: MongoStandIn | undefined;

  private constructor(uri: string, client: MongoClient, standIn: MongoStandIn | undefined) {
    this.uri = uri;
    this.client = client;
    this.db = client.db(`fix_roles_test_${Date.now().toString(36)}_stand_in_${randomUUID().slice(0, 8)}`);
    this.#standIn = standIn;
  }

  static async start(): Promise<EngineUnderTest> {
    if (external !== undefined)
      return new EngineUnderTest(external, await new MongoClient(external).connect(), undefined);
    const standIn = await startMongoStandIn();
    return new EngineUnderTest(standIn.uri, await new MongoClient(standIn.uri).connect(), standIn);
  }

  async stop(): Promise<void> {
    await this.db.dropDatabase();
    await this.client.close();
    await this.#standIn?.stop();
  }

  /** An empty collection that no other test has. */
  async makeRows(): Promise<Collection<Row>> {
    const rows = this.db.collection<Row>(`rows_${randomUUID()}`);
    // Made beforehand: creating a collection inside a transaction has rules of its own on real servers.
    await this.db.createCollection(rows.collectionName);
    return rows;
  }
}

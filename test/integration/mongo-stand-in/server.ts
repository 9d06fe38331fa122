import { randomUUID } from 'node:crypto';
import {
  type ClientSession,
  type Collection,
  type Db,
  type Document,
  MongoClient,
  MongoServerError,
  ReadConcern,
  type Sort,
  WriteConcern,
} from 'mongodb';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type MongoStandIn, startMongoStandIn } from '../../../src/sandbox/mongo-stand-in/index.js';

/*
 * The same checks run against the stand-in and, where FIX_ROLES_TEST_MONGODB_URI names one, against a server that
 * nobody wrote for this project. Where the two disagree that server is right, except for what is said at the checks
 * that are for the stand-in alone.
 */
export const external = process.env.FIX_ROLES_TEST_MONGODB_URI;
export const name = `fix_roles_test_${Date.now().toString(36)}_stand_in_${randomUUID().slice(0, 8)}`;

export interface Row extends Document {
  _id: string | number;
}

export let standIn: MongoStandIn;
export let uri: string;
export let client: MongoClient;
export let db: Db;
export let rows: Collection<Row>;
/** What is to be closed when the test has ended, the last first. */
export const closers: (() => Promise<unknown>)[] = [];

/** Starts the stand-in, connects to the server under test and gives every test a collection of its own. */
export function useServer(): void {
  beforeAll(async () => {
    standIn = await startMongoStandIn();
    uri = external ?? standIn.uri;
    client = await new MongoClient(uri).connect();
    db = client.db(name);
  });

  afterAll(async () => {
    await db.dropDatabase();
    await client.close();
    await standIn.stop();
  });

  beforeEach(async () => {
    rows = db.collection<Row>(`rows_${randomUUID()}`);
    // Made beforehand: creating a collection inside a transaction has rules of its own on real servers.
    await db.createCollection(rows.collectionName);
  });

  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });
}

export async function connectTo(address: string, options: object = {}): Promise<MongoClient> {
  const other = await new MongoClient(address, options).connect();
  closers.push(() => other.close());
  return other;
}

export function begin(on: MongoClient = client): ClientSession {
  const session = on.startSession();
  closers.push(() => session.endSession());
  session.startTransaction({
    readConcern: new ReadConcern('snapshot'),
    writeConcern: new WriteConcern('majority'),
  });
  return session;
}

export async function failure(attempt: Promise<unknown>): Promise<MongoServerError> {
  try {
    await attempt;
  } catch (error) {
    if (error instanceof MongoServerError) return error;
    throw error;
  }
  throw new Error('it was expected to fail');
}

export async function ids(filter: Document, sort: Document = { _id: 1 }): Promise<unknown[]> {
  return (
    await rows
      .find(filter)
      .sort(sort as Sort)
      .toArray()
  ).map((row) => row._id);
}

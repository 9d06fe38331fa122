import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { insertSampleData } from '../src/sandbox/sample-data.js';
import {
  createDatabases,
  type DatabaseOptions,
  type OwnDatabases,
  type ServerAddresses,
} from './databases.js';

export type TestDatabases = OwnDatabases;

/**
 * Makes databases of its own on the servers of the test run, unless others are named. Call it once per test file or test and
 * `drop()` them afterwards.
 */
export function createTestDatabases(
  options: DatabaseOptions & Partial<ServerAddresses> = {},
): Promise<TestDatabases> {
  const { mongoUri = inject('mongoUri'), postgresUrl = inject('postgresUrl'), ...others } = options;
  const name = `${inject('databasePrefix')}${randomBytes(5).toString('hex')}`;
  return createDatabases({ mongoUri, postgresUrl }, name, others);
}

/** Databases for all tests of a file, which are dropped after them. `sample`: with the sample data in them. */
export async function fileDatabases(contents: 'empty' | 'sample' = 'empty'): Promise<TestDatabases> {
  const databases = await createTestDatabases();
  afterAll(() => databases.drop());
  if (contents === 'sample') await insertSampleData(databases.mongo, databases.pg);
  return databases;
}

import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
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

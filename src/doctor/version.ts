import type { MongoConnection } from '../stores/mongo/connection.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckResult } from '../model/doctor-check.js';
import { failure, verdict, warning } from './verdict.js';

export interface MongoServer {
  readonly version: string;
  /** What else the server says of itself: an edition, another make. */
  readonly modules: readonly string[];
}

export async function askMongoServer({ client }: MongoConnection): Promise<MongoServer> {
  const { version, modules }: Readonly<Record<string, unknown>> = await client
    .db('admin')
    .command({ buildInfo: 1 });
  return {
    version: typeof version === 'string' ? version : '',
    modules: Array.isArray(modules) ? modules.filter((module) => typeof module === 'string') : [],
  };
}

export interface PostgresServer {
  /** As the server writes it: `18.1 (Debian 18.1-1)`. */
  readonly version: string;
  readonly major: number;
}

export async function askPostgresServer({ client }: PostgresReading): Promise<PostgresServer> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int4 AS number`,
  );
  const { version = '', number = 0 } = rows[0] ?? {};
  return { version, major: Math.floor(number / 10_000) };
}

/** Covering indexes, which our questions to the catalog use. */
const POSTGRES_LEAST = 11;
/** Snapshot reads outside transactions. */
const MONGO_SNAPSHOTS = 5;

export function judgePostgresVersion({ version, major }: PostgresServer): CheckResult {
  const old = failure(
    `versions before ${POSTGRES_LEAST} lack what plan asks the catalog for`,
    `Use PostgreSQL ${POSTGRES_LEAST} or later.`,
  );
  return verdict(`PostgreSQL ${version}`, major < POSTGRES_LEAST ? [old] : []);
}

export function judgeMongoVersion({ version, modules }: MongoServer): CheckResult {
  const major = Number(/^(\d+)\./.exec(version)?.[1] ?? MONGO_SNAPSHOTS);
  const old = warning(
    `versions before ${MONGO_SNAPSHOTS} have no snapshot reads: a plan then sees what changes while it reads`,
    'Plan while the application is quiet, or use a later version.',
  );
  return verdict(`MongoDB ${[version, ...modules].join('; ')}`, major < MONGO_SNAPSHOTS ? [old] : []);
}

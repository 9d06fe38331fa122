import type { MongoConnection } from '../stores/mongo/connection.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckResult } from '../model/doctor-check.js';
import { failure, verdict, warning } from './verdict.js';

/** The version stands as the server writes it: `18.1 (Debian 18.1-1)`. */
export async function askPostgresServer({ client }: PostgresReading) {
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

export function judgePostgresVersion(server: Awaited<ReturnType<typeof askPostgresServer>>): CheckResult {
  const { version, major } = server;
  const old = failure(
    `versions before ${POSTGRES_LEAST} lack what plan asks the catalog for`,
    `Use PostgreSQL ${POSTGRES_LEAST} or later.`,
  );
  return verdict(`PostgreSQL ${version}`, major < POSTGRES_LEAST ? [old] : []);
}

export async function checkMongoVersion({ client }: MongoConnection): Promise<CheckResult> {
  const told: Readonly<Record<string, unknown>> = await client.db('admin').command({ buildInfo: 1 });
  const version = typeof told['version'] === 'string' ? told['version'] : '';
  // What else the server says of itself: an edition, another make.
  const modules: unknown[] = Array.isArray(told['modules']) ? told['modules'] : [];
  const major = Number(/^(\d+)\./.exec(version)?.[1] ?? MONGO_SNAPSHOTS);
  const old = warning(
    `versions before ${MONGO_SNAPSHOTS} have no snapshot reads: a plan then sees what changes while it reads`,
    'Plan while the application is quiet, or use a later version.',
  );
  const found = [version, ...modules.filter((module) => typeof module === 'string')].join('; ');
  return verdict(`MongoDB ${found}`, major < MONGO_SNAPSHOTS ? [old] : []);
}

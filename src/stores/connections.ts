import { Failure } from '../model/failure.js';
import {
  connectMongo,
  type MongoConnection,
  type MongoConnectionOptions,
  type MongoSettings,
} from './mongo/connection.js';
import { connectPostgres, type PostgresConnection, type PostgresSettings } from './postgres/connection.js';

export interface Connections {
  readonly mongo: MongoConnection;
  readonly postgres: PostgresConnection;
  close(): Promise<void>;
}

/** A person waits at the terminal: with the start of the process it stays under ten seconds. */
const TIMEOUT_MS = 6_000;

/** @throws {Failure} as the two stores do; if both fail, one names both, so that both can be mended at once */
export async function connectBoth(
  settings: { readonly mongo: MongoSettings; readonly postgres: PostgresSettings },
  purpose: MongoConnectionOptions['purpose'],
  onWait?: MongoConnectionOptions['onWait'],
): Promise<Connections> {
  const [mongo, postgres] = await Promise.allSettled([
    connectMongo(settings.mongo, { purpose, timeoutMs: TIMEOUT_MS, onWait }),
    connectPostgres(settings.postgres, { applicationName: `fix-roles ${purpose}`, timeoutMs: TIMEOUT_MS }),
  ]);
  if (mongo.status === 'fulfilled' && postgres.status === 'fulfilled') {
    const close = async (): Promise<void> => {
      await Promise.allSettled([mongo.value.close(), postgres.value.close()]);
    };
    return { mongo: mongo.value, postgres: postgres.value, close };
  }
  const reasons: unknown[] = [];
  for (const one of [mongo, postgres]) {
    if (one.status === 'fulfilled') await one.value.close();
    else reasons.push(one.reason);
  }
  throw asOne(reasons);
}

function asOne(reasons: readonly unknown[]): unknown {
  const failures = reasons.filter((reason) => reason instanceof Failure);
  if (failures.length < 2) return reasons[0];
  return new Failure(
    'operational',
    {
      doing: 'connecting to both databases',
      problem: `neither can be used${failures.map(({ message }) => `\n- ${message}`).join('')}`,
      next: failures.map(({ text }) => text.next).join('\n'),
    },
    { cause: new AggregateError(failures) },
  );
}

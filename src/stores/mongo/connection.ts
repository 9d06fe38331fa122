import { MongoClient, type Db, type Document } from 'mongodb';
import { Failure } from '../../model/failure.js';
import type { Patience, Wait } from '../../model/waiting.js';
import { mongoAdvice, withOrigin } from '../connection-advice.js';
import { isElection, throughElection, watchElections } from './election.js';
import { withoutOverridden } from './parameters.js';
import { withoutSecrets } from '../server-error.js';

export interface MongoSettings {
  /** `mongodb://` or `mongodb+srv://`, with the credentials. */
  readonly uri: string;
  readonly database: string;
  /** Where these settings come from, in sentences for messages. */
  readonly origin?: string;
  /** Replaces the times that each purpose allows. */
  readonly patience?: Patience;
}

export interface MongoConnectionOptions {
  /** Shown in the server's logs and in `currentOp`. */
  readonly purpose: 'apply' | 'doctor' | 'init' | 'plan' | 'verify';
  readonly poolSize?: number;
  /** Milliseconds until an unreachable server is given up. */
  readonly timeoutMs?: number;
  /** Called again and again during a wait. */
  readonly onWait?: ((what: Wait) => void) | undefined;
}

export type MongoTopology = 'replicaSet' | 'sharded' | 'standalone';

export interface MongoConnection {
  readonly client: MongoClient;
  readonly db: Db;
  readonly topology: MongoTopology;
  readonly replicaSet: string | null;
  /** A `secondary` takes no writes and may show old facts. A server without a replica set counts as `primary`. */
  readonly role: 'primary' | 'secondary';
  /** Parameters of the connection string that this tool replaced with its own values. */
  readonly overridden: readonly string[];
  /** `host:port[,…]`, or the name looked up for `mongodb+srv://`; without credentials. */
  readonly address: string;
  /** Where the settings come from, in sentences for messages. */
  readonly origin?: string | undefined;
  readonly onWait: (what: Wait) => void;
  close(): Promise<void>;
}

const DOING = 'connecting to MongoDB';
const UNREACHABLE_AFTER_MS = 8_000;
// The driver would wait for ever. A plan may have to wait until a whole collection is sorted.
const LONGEST_READ_MS = 600_000;
const LONGEST_WRITE_MS = 60_000;
const NO_PRIMARY = {
  problem: 'members of the replica set answer, but none that can be reached from here is the primary',
  next: 'Run the same command again once the set has elected one. If rs.status() already shows one, see that its host can be reached from here under that name.',
};

/**
 * Connects and asks for the kind of deployment. It waits while a replica set elects its primary.
 *
 * @throws {Failure} operational: unreachable, access denied, or the connection string is unusable
 */
export async function connectMongo(
  settings: MongoSettings,
  options: MongoConnectionOptions,
): Promise<MongoConnection> {
  const { client, overridden } = createClient(settings, options);
  const address = addressOf(client);
  const onWait = options.onWait ?? ((): void => undefined);
  watchElections(client, () => {
    onWait('primary');
  });
  try {
    await throughElection(() => client.connect());
    const hello = await client.db('admin').command({ hello: 1 });
    const replicaSet: unknown = hello['setName'];
    return {
      client,
      db: client.db(settings.database),
      topology: topologyOf(hello),
      replicaSet: typeof replicaSet === 'string' ? replicaSet : null,
      // Without directConnection the driver follows the primary itself, even after a hand-over.
      role: client.options.directConnection && hello['isWritablePrimary'] === false ? 'secondary' : 'primary',
      overridden,
      address,
      origin: settings.origin,
      onWait,
      close: () => client.close(),
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    const cause = withoutSecrets(error, secretsIn(settings.uri));
    const text = isElection(error)
      ? NO_PRIMARY
      : { problem: cause.message, next: withOrigin(mongoAdvice(error, client.options), settings) };
    throw new Failure('operational', { doing: `${DOING} at ${address}`, ...text }, { cause });
  }
}

function createClient(settings: MongoSettings, options: MongoConnectionOptions) {
  const timeout = settings.patience?.connectMs ?? options.timeoutMs ?? UNREACHABLE_AFTER_MS;
  const answer = options.purpose === 'apply' ? LONGEST_WRITE_MS : LONGEST_READ_MS;
  // The driver would take the rest of such a password for a host, show it, and send the first part there.
  if (/@[^?]*@/.test(settings.uri)) throw unusable('there is more than one @ in it');
  try {
    const { uri, overridden } = withoutOverridden(settings.uri);
    const client = new MongoClient(uri, {
      appName: `fix-roles ${options.purpose}`,
      connectTimeoutMS: timeout,
      serverSelectionTimeoutMS: timeout,
      socketTimeoutMS: settings.patience?.answerMs ?? answer,
      ...(options.poolSize === undefined ? {} : { maxPoolSize: options.poolSize }),
      readPreference: 'primary',
      writeConcern: { w: 'majority' },
      // MONGODB_LOG_PATH in the environment may say stdout, which is for results only.
      mongodbLogPath: 'stderr',
      // `true` would drop an undefined key from a filter, which would then match everything.
      ignoreUndefined: false,
    });
    return { client, overridden };
  } catch (error) {
    const cause = withoutSecrets(error, secretsIn(settings.uri));
    throw unusable(cause.message.trim(), cause);
  }
}

function unusable(reason: string, cause?: Error): Failure {
  return new Failure(
    'operational',
    {
      doing: DOING,
      problem: `the connection string cannot be used (${reason})`,
      next: 'Check the options in MONGODB_URI; special characters in the user name and password must be percent-encoded.',
    },
    { cause },
  );
}

function addressOf(client: MongoClient): string {
  const { hosts, srvHost } = client.options;
  // The type lacks undefined, but the value exists only for mongodb+srv.
  const looked: string | undefined = srvHost;
  return looked ?? hosts.map(String).join(',');
}

function topologyOf(hello: Document): MongoTopology {
  if (hello['msg'] === 'isdbgrid') return 'sharded';
  return typeof hello['setName'] === 'string' ? 'replicaSet' : 'standalone';
}

function secretsIn(uri: string): string[] {
  const afterScheme = uri.replace(/^[^/]*:\/\//, '');
  const credentials = afterScheme.slice(0, afterScheme.lastIndexOf('@') + 1).slice(0, -1);
  const colon = credentials.indexOf(':');
  const password = colon < 0 ? '' : credentials.slice(colon + 1);
  const options = /[?&](?:authMechanismProperties|proxyPassword|tlsCertificateKeyFilePassword)=([^&]*)/gi;
  const secrets = [uri, credentials, password, ...[...uri.matchAll(options)].map((found) => found[1] ?? '')];
  return secrets.flatMap((secret) => [secret, decoded(secret)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

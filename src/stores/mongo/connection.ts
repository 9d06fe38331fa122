import { MongoClient, type Db, type Document } from 'mongodb';
import { Failure } from '../../model/failure.js';
import type { Patience, Wait } from '../../model/waiting.js';
import { mongoAdvice } from '../connection-advice.js';
import { isElection, throughElection, watchElections } from './election.js';
import { withoutOverridden } from './parameters.js';
import { withoutSecrets } from '../server-error.js';

export interface MongoSettings {
  /** `mongodb://` or `mongodb+srv://`, with the credentials. */
  readonly uri: string;
  readonly database: string;
  /** Instead of what each purpose allows. */
  readonly patience?: Patience;
}

export interface MongoConnectionOptions {
  /** What the connection is for; shown in the server's logs and in `currentOp`. */
  readonly purpose: 'apply' | 'doctor' | 'init' | 'plan' | 'verify';
  /** How many connections at most. */
  readonly poolSize?: number;
  /** Milliseconds after which an unreachable server is given up. */
  readonly timeoutMs?: number;
  /** Told again and again of what is waited for, as long as it is. */
  readonly onWait?: ((what: Wait) => void) | undefined;
}

export type MongoTopology = 'replicaSet' | 'sharded' | 'standalone';

/** An open connection to one MongoDB database. */
export interface MongoConnection {
  readonly client: MongoClient;
  readonly db: Db;
  readonly topology: MongoTopology;
  readonly replicaSet: string | null;
  /**
   * `secondary`: it takes no writes, and what it shows may be old; only a direct connection leads to one. A server
   * that is no member of a replica set counts as primary.
   */
  readonly role: 'primary' | 'secondary';
  /** Parameters of the connection string in whose place this tool's own values stand. */
  readonly overridden: readonly string[];
  /** `host:port[,…]`, or the name looked up for `mongodb+srv://`; without credentials. */
  readonly address: string;
  readonly onWait: (what: Wait) => void;
  close(): Promise<void>;
}

const DOING = 'connecting to MongoDB';
const UNREACHABLE_AFTER_MS = 8_000;
// The driver would wait for ever for an answer. A plan may have to wait for a sort of a whole collection.
const LONGEST_READ_MS = 600_000;
const LONGEST_WRITE_MS = 60_000;
const NO_PRIMARY = {
  problem: 'members of the replica set answer, but none that can be reached from here is the primary',
  next: 'Run the same command again once the set has elected one. If rs.status() already shows one, see that its host can be reached from here under that name.',
};

/**
 * Connects and asks what kind of deployment it is. A replica set that is electing its primary is waited for.
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
      // Elsewhere a primary was asked for; that it has just handed over is for the driver to find out.
      role: client.options.directConnection && hello['isWritablePrimary'] === false ? 'secondary' : 'primary',
      overridden,
      address,
      onWait,
      close: () => client.close(),
    };
  } catch (error) {
    await client.close().catch(() => undefined);
    const cause = withoutSecrets(error, secretsIn(settings.uri));
    const text = isElection(error)
      ? NO_PRIMARY
      : { problem: cause.message, next: mongoAdvice(error, client.options) };
    throw new Failure('operational', { doing: `${DOING} at ${address}`, ...text }, { cause });
  }
}

function createClient(
  settings: MongoSettings,
  options: MongoConnectionOptions,
): { readonly client: MongoClient; readonly overridden: readonly string[] } {
  const timeout = settings.patience?.connectMs ?? options.timeoutMs ?? UNREACHABLE_AFTER_MS;
  const answer = options.purpose === 'apply' ? LONGEST_WRITE_MS : LONGEST_READ_MS;
  // The driver would take the rest of such a password for a host: show it, and send the first part of it there.
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
      // In the environment MONGODB_LOG_PATH may say stdout, where only results go.
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
  // Typed as always there, but absent unless the connection string says mongodb+srv.
  const looked: string | undefined = srvHost;
  return looked ?? hosts.map(String).join(',');
}

function topologyOf(hello: Document): MongoTopology {
  if (hello['msg'] === 'isdbgrid') return 'sharded';
  return typeof hello['setName'] === 'string' ? 'replicaSet' : 'standalone';
}

/** What must not be shown of a connection string: user name and password, and the options that hold secrets. */
function secretsIn(uri: string): string[] {
  const afterScheme = uri.replace(/^[^/]*:\/\//, '');
  const beforeOptions = afterScheme.slice(0, afterScheme.lastIndexOf('@') + 1).slice(0, -1);
  const colon = beforeOptions.indexOf(':');
  const password = colon < 0 ? '' : beforeOptions.slice(colon + 1);
  const options = /[?&](?:authMechanismProperties|proxyPassword|tlsCertificateKeyFilePassword)=([^&]*)/gi;
  const secrets = [
    uri,
    beforeOptions,
    password,
    ...[...uri.matchAll(options)].map((found) => found[1] ?? ''),
  ];
  return secrets.flatMap((secret) => [secret, decoded(secret)]);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

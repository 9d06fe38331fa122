import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { WriteConcern } from 'mongodb';
import type { Mapping } from '../../model/mapping.js';
import type { MongoConnection } from './connection.js';
import { isUnsupported, startSnapshotSession } from './snapshot.js';
import { encryptionOf, type Encryption } from '../peer-certificate.js';
import { withoutSecrets } from '../server-error.js';

export interface MongoServer {
  readonly version: string;
  /** Its major number; null where the version has another form. */
  readonly major: number | null;
  /** What it says of itself besides: an edition, another make. */
  readonly modules: readonly string[];
}

export async function askMongoServer({ client }: MongoConnection): Promise<MongoServer> {
  const info = await client.db('admin').command({ buildInfo: 1 });
  const version = typeof info['version'] === 'string' ? info['version'] : '';
  const modules: unknown = info['modules'];
  const major = /^(\d+)\./.exec(version)?.[1];
  return {
    version,
    major: major === undefined ? null : Number(major),
    modules: Array.isArray(modules) ? modules.filter((module) => typeof module === 'string') : [],
  };
}

/** Milliseconds since 1970. */
export async function askMongoTime({ client }: MongoConnection): Promise<number> {
  const hello = await client.db('admin').command({ hello: 1 });
  const time: unknown = hello['localTime'];
  if (!(time instanceof Date)) throw new Error('the server does not tell its time');
  return time.getTime();
}

/** What the connection string demands of the encryption. */
export interface MongoTls {
  readonly hosts: readonly string[];
  readonly demand: 'plain' | 'encrypted' | 'trusted' | 'verified';
}

export function mongoTls({ client }: MongoConnection): MongoTls {
  const { hosts, rejectUnauthorized, tlsAllowInvalidHostnames, checkServerIdentity } = client.options;
  // Typed as always there, but absent where nothing says so.
  const tls: boolean | undefined = client.options.tls;
  const namesIgnored = tlsAllowInvalidHostnames || checkServerIdentity !== undefined;
  return {
    hosts: hosts.map(({ host, socketPath }) => socketPath ?? host ?? ''),
    demand: !tls
      ? 'plain'
      : rejectUnauthorized === false
        ? 'encrypted'
        : namesIgnored
          ? 'trusted'
          : 'verified',
  };
}

/** Looks at the certificate that the server shows, on a connection that is made for this alone. */
export async function askMongoCertificate(
  { client }: MongoConnection,
  timeoutMs: number,
): Promise<Encryption> {
  const address = client.options.hosts[0];
  const host = address?.host ?? '';
  const { ca, cert, key } = client.options;
  const socket = connect({
    host,
    port: address?.port ?? 27017,
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    // The driver's own connections are as strict as they are told to be; this one sends nothing.
    rejectUnauthorized: false,
    timeout: timeoutMs,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
      socket.once('timeout', () => {
        reject(new Error('no answer'));
      });
    });
    return encryptionOf(socket);
  } finally {
    socket.destroy();
  }
}

/** Whether several documents can be written as one, and read as of one moment. */
export interface MongoTransactions {
  readonly transactions:
    | { readonly kind: 'work' }
    | { readonly kind: 'refused'; readonly problem: string }
    /** Only the primary has any. */
    | { readonly kind: 'on-secondary' };
  readonly snapshot: 'kept' | 'none';
}

/** Begins a transaction as `apply` does, reads in it and aborts it; then a snapshot as `plan` does. Nothing is written. */
export async function tryMongoTransactions(
  connection: MongoConnection,
  mapping: Mapping,
): Promise<MongoTransactions> {
  const { client, db } = connection;
  const { roles, teams } = mapping.mongo.collections;
  const session = client.startSession({ causalConsistency: false });
  let transactions: MongoTransactions['transactions'] = { kind: 'work' };
  try {
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: new WriteConcern('majority'),
    });
    await db.collection(roles).findOne({}, { session, projection: { _id: 1 } });
    await session.abortTransaction();
  } catch (error) {
    if (connection.role === 'primary' && !isUnsupported(error)) throw error;
    transactions =
      connection.role === 'secondary'
        ? { kind: 'on-secondary' }
        : { kind: 'refused', problem: withoutSecrets(error, []).message };
  } finally {
    await session.endSession();
  }
  const snapshot = await startSnapshotSession(connection, teams);
  await snapshot?.endSession();
  return { transactions, snapshot: snapshot === undefined ? 'none' : 'kept' };
}

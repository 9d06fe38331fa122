import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Failure, type FailureText } from '../model/failure.js';

/** The one message to a guardian. It is a message, because arguments and environment must hold no password. */
export type GuardianOrder = PostgresOrder | MongodOrder;

export interface PostgresOrder {
  readonly server: 'postgres';
  readonly user: string;
  readonly password: string;
  /** Server settings, as `postgres -c name=value`. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface MongodOrder {
  readonly server: 'mongod';
  /** Command-line options besides address and data directory. */
  readonly options: readonly string[];
}

/** What a guardian answers: any number of sentences for people, then once `ready` or `failed`. */
export type GuardianMessage =
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'failed'; readonly text: FailureText };

export interface StartOptions {
  /** Called with sentences for people: what takes long, and which program is used. */
  readonly say?: (text: string) => void;
  /** Gives up the start. */
  readonly signal?: AbortSignal;
}

export interface GuardedServer {
  readonly port: number;
  /** Resolved when the server has ended, for any reason. */
  readonly ended: Promise<void>;
  /** Stops the server and removes its files. Safe to call twice. */
  stop(): Promise<void>;
}

export const TRY_AGAIN = 'Try again, or name servers of your own in .env (config.env.example lists how).';
/** Of a program's output, for an error message. */
export const KEPT_CHARACTERS = 8_000;

/**
 * Starts a database server on a free port of the loopback interface. It lives as long as the calling process, or until
 * `stop()`. A guardian process owns it, and stops it and removes its files even where the caller is killed: it has its
 * own session, so that Ctrl-C reaches neither it nor its server, and an IPC channel, so that it sees `disconnect`
 * however this process ends.
 *
 * @throws Failure (operational) where it does not start; Error where the signal is aborted before. Nothing is left then
 */
export async function startGuarded(
  order: GuardianOrder,
  { say, signal }: StartOptions,
): Promise<GuardedServer> {
  // The guardian runs as this module does: as JavaScript (perhaps as part of another file of `dist`), or through tsx.
  const fromSource = import.meta.url.endsWith('.ts');
  const module = new URL(`../sandbox/guardian${fromSource ? '.ts' : '.js'}`, import.meta.url);
  const tsx = (): string => pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const child = fork(fileURLToPath(module), [], {
    execArgv: fromSource ? ['--import', tsx()] : [],
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let wrote = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    wrote = (wrote + text).slice(-KEPT_CHARACTERS);
  });
  // Not `close`, which Node does not always emit after a `disconnect()` from this side.
  const ended = new Promise<void>((resolve) => {
    for (const event of ['exit', 'error'])
      child.once(event, () => {
        resolve();
      });
  });
  const stop = async (): Promise<void> => {
    if (child.connected) child.disconnect();
    child.ref();
    await ended;
  };
  try {
    signal?.throwIfAborted();
    child.send(order);
    const port = await new Promise<number>((resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(new Error('Starting a database server was given up', { cause: signal.reason }));
      });
      const fail = (what: string, cause?: Error): void => {
        const problem = `its guardian process ${what}${wrote.trim() && `\n${wrote.trim()}`}`;
        const text = { doing: 'starting a database server', problem, next: TRY_AGAIN };
        reject(new Failure('operational', text, { cause }));
      };
      child.on('message', (message: GuardianMessage) => {
        if (message.kind === 'said') say?.(message.text);
        else if (message.kind === 'ready') resolve(message.port);
        else reject(new Failure('operational', message.text));
      });
      child.once('error', (error) => {
        fail('could not be started', error);
      });
      // `close`, not `exit`: only then all its output has arrived.
      child.once('close', (code, signal) => {
        fail(`ended early (${signal ?? `exit code ${code ?? 'unknown'}`})`);
      });
    });
    // From here on this process may end although the guardian goes on.
    child.unref();
    child.channel?.unref();
    // The types hide that the reading end of a pipe is a socket.
    if (child.stderr instanceof Socket) child.stderr.unref();
    return { port, ended, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

import { Failure } from '../model/failure.js';
import type { GuardianMessage, GuardianOrder } from './guardian-order.js';
import { startGuardian, type Guardian } from './guardian-process.js';

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

/**
 * Starts a database server on a free port of the loopback interface. It lives as long as the calling process, or until
 * `stop()`. A guardian process owns it, and stops it and removes its files even where the caller is killed.
 *
 * @throws Failure (operational) where it does not start; Error where the signal is aborted before. Nothing is left then
 */
export async function startGuarded(order: GuardianOrder, options: StartOptions): Promise<GuardedServer> {
  const guardian = startGuardian();
  const { child } = guardian;
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
    options.signal?.throwIfAborted();
    child.send(order);
    const port = await portOf(guardian, options);
    guardian.stopWaitingFor();
    return { port, ended, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

function portOf(guardian: Guardian, { say, signal }: StartOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(new Error('Starting a database server was given up', { cause: signal.reason }));
    });
    const fail = (what: string, cause?: Error): void => {
      const wrote = guardian.stderr();
      const text = {
        doing: 'starting a database server',
        problem: `its guardian process ${what}${wrote ? `\n${wrote}` : ''}`,
        next: 'Try again, or name servers of your own in .env (config.env.example lists how).',
      };
      reject(new Failure('operational', text, { cause }));
    };
    guardian.child.on('message', (message: GuardianMessage) => {
      if (message.kind === 'said') say?.(message.text);
      else if (message.kind === 'ready') resolve(message.port);
      else reject(new Failure('operational', message.text));
    });
    guardian.child.once('error', (error) => {
      fail('could not be started', error);
    });
    // `close`, not `exit`: only then all its output has arrived.
    guardian.child.once('close', (code, signal) => {
      fail(`ended early (${signal ?? `exit code ${code ?? 'unknown'}`})`);
    });
  });
}

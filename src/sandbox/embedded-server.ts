import { Failure } from '../model/failure.js';
import type { GuardianMessage, GuardianOrder } from './guardian-order.js';
import { startGuardian, type Guardian } from './guardian-process.js';

export interface StartOptions {
  /** Is told what takes long, and which program is used: sentences for people. */
  readonly say?: (text: string) => void;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
}

export interface GuardedServer {
  readonly port: number;
  /** Resolved when the server has ended, whatever the reason. */
  readonly ended: Promise<void>;
  /** Stops the server and removes its files. Safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts a database server on a free port of the loopback interface. It lives exactly as long as the calling process or
 * until `stop()`: a guardian process owns it, which stops it and removes its files when the connection to its owner
 * closes, even if the owner was killed.
 * @throws Failure (operational) when it does not start; Error when the signal is aborted before it has. Nothing is left then
 */
export async function startGuarded(order: GuardianOrder, options: StartOptions): Promise<GuardedServer> {
  const guardian = startGuardian();
  const { child } = guardian;
  // Not `close`: Node does not always emit it after a `disconnect()` from this side.
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
      reject(
        new Failure(
          'operational',
          {
            doing: 'starting a database server',
            problem: `its guardian process ${what}${wrote ? `\n${wrote}` : ''}`,
            next: 'Try again, or name servers of your own in .env (config.env.example lists how).',
          },
          { cause },
        ),
      );
    };
    guardian.child.on('message', (message: GuardianMessage) => {
      if (message.kind === 'said') say?.(message.text);
      else if (message.kind === 'ready') resolve(message.port);
      else reject(new Failure('operational', message.text));
    });
    guardian.child.once('error', (error) => {
      fail('could not be started', error);
    });
    // `close`, not `exit`: only then has everything it wrote arrived.
    guardian.child.once('close', (code, signal) => {
      fail(`ended early (${signal ?? `exit code ${code ?? 'unknown'}`})`);
    });
  });
}

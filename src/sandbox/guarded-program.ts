import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { KEPT_CHARACTERS } from './embedded-server.js';
import type { Account } from './postgres-programs.js';

/** What a guardian gives to the programs that it runs. */
export interface GuardedPlace {
  /** Private to the server; removed when it has ended. */
  readonly directory: string;
  /** Aborted when the owner is gone. */
  readonly stop: AbortSignal;
  /** Tells the owner a sentence for people. */
  readonly say: (text: string) => void;
}

export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  /** Undefined: the present one. */
  readonly account: Account | undefined;
  /** Asks it to end at once, but properly. */
  readonly stopSignal: NodeJS.Signals;
}

export interface GuardedProgram {
  /** Its exit code; null: a signal ended it. Rejected where it cannot be executed. */
  readonly ended: Promise<number | null>;
  /** The end of its output. */
  log(): string;
  /** Resolved once it has written this text. */
  wrote(text: string): Promise<'ready'>;
}

export interface Serving {
  readonly port: number;
  readonly program: GuardedProgram;
}

const PORT_ATTEMPTS = 5;
const READY_WITHIN_MS = 90_000;
const STOPPED_WITHIN_MS = 10_000;

/** Runs a program that is asked to end when the guardian has to end, and killed ten seconds later. */
export function runGuarded(call: ProgramCall, { directory, stop }: GuardedPlace): GuardedProgram {
  stop.throwIfAborted();
  const { program, args, account, stopSignal } = call;
  // PGDATA, PGPORT and the like name other servers.
  const variables = Object.entries(process.env).filter(([name]) => !name.startsWith('PG'));
  const child = spawn(program, args, {
    ...account,
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    env: { ...Object.fromEntries(variables), LC_ALL: 'C' },
  });
  let kept = '';
  const awaited = new Map<string, (found: 'ready') => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      kept += text;
      for (const [wanted, found] of awaited) if (kept.includes(wanted)) found('ready');
      kept = kept.slice(-KEPT_CHARACTERS);
    });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('close', resolve);
    child.once('error', (cause) => {
      const hint = account
        ? `; it runs as uid ${account.uid} because PostgreSQL refuses root: that account must be able to reach it`
        : '';
      reject(new Error(`${program} cannot be executed (${cause.message})${hint}`, { cause }));
    });
  });
  // Until it is awaited, a failure must not count as unhandled.
  ended.catch(() => undefined);
  stop.addEventListener('abort', () => {
    child.kill(stopSignal);
    setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS).unref();
  });
  return {
    ended,
    log: () => kept.trim(),
    wrote: (text) => new Promise((resolve) => awaited.set(text, resolve)),
  };
}

/**
 * Runs a server on a free port of the loopback interface, and waits until it writes `ready`.
 *
 * @throws Error where it ends before (with what `explain` makes of its log), or is not ready after 90 seconds
 */
export async function serveOnFreePort(
  place: GuardedPlace,
  ready: string,
  call: (port: number) => ProgramCall,
  explain: (log: string) => string = (log) => log,
): Promise<Serving> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const program = runGuarded(call(port), place);
    const tooLate = AbortSignal.timeout(READY_WITHIN_MS);
    const outcome = await Promise.race([
      program.wrote(ready),
      program.ended.then(() => 'ended' as const),
      once(tooLate, 'abort').then(() => 'late' as const),
    ]);
    if (outcome === 'ready') return { port, program };
    place.stop.throwIfAborted();
    if (outcome === 'late') throw new Error(`it was not ready after ${READY_WITHIN_MS / 1000} seconds`);
    // Another program may have taken the port meanwhile.
    if (attempt === PORT_ATTEMPTS || !program.log().includes('Address already in use'))
      throw new Error(`the server ended at once:\n${explain(program.log())}`);
  }
}

/**
 * A port of the loopback interface that nobody listens on.
 *
 * @param wanted 0: any port
 * @throws Error where somebody listens on the wanted port
 */
export async function freePort(wanted = 0): Promise<number> {
  const probe = createServer().listen(wanted, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port was found');
  return address.port;
}

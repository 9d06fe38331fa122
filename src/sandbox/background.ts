import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connectToControl, READY, STOP } from './control-socket.js';
import type { Topology } from './environment.js';
import { startModuleProcess, stopWaitingFor } from './module-process.js';
import { StateDirectory, type SandboxState } from './state-directory.js';

/** The one message to the daemon. */
export interface DaemonOrder {
  readonly directory: string;
  readonly topology: Topology;
}

/** What the daemon answers, once. */
export type DaemonReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'already-running' }
  | { readonly kind: 'failed'; readonly message: string };

export interface RunningSandbox extends SandboxState {
  /** False when the sandbox was there already. */
  readonly started: boolean;
}

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;

/**
 * Starts a sandbox in the background, or finds the one that is running in this directory.
 * @throws Error if it cannot be started, or if one of another topology is running.
 */
export async function sandboxUp(options: { dir: string; topology?: Topology }): Promise<RunningSandbox> {
  const directory = new StateDirectory(options.dir);
  await directory.prepare();
  const running = await connectToControl(directory.socket);
  const started = running
    ? false
    : await startDaemon({ directory: directory.path, topology: options.topology ?? 'replicaSet' });
  const other = running ?? (started ? undefined : await connectToControl(directory.socket));
  if (other) await untilReady(other);
  const state = await directory.read();
  if (options.topology !== undefined && options.topology !== state.topology)
    throw new Error(
      `Starting the sandbox: one is running already, as ${state.topology}, not ${options.topology}. ` +
        'Run `fix-roles sandbox down` first, or name another directory with --dir.',
    );
  return { ...state, started };
}

/**
 * Stops the sandbox of this directory and waits until it has gone.
 * @returns whether one was running.
 */
export async function sandboxDown(options: { dir: string }): Promise<boolean> {
  const directory = new StateDirectory(options.dir);
  const running = await connectToControl(directory.socket);
  if (!running) {
    await directory.removeRemains();
    return false;
  }
  running.resume();
  running.write(STOP);
  await within(STOP_LIMIT_MS, once(running, 'close'), async () => {
    const { pid } = await directory.read();
    return `Stopping the sandbox: it has not ended after ${STOP_LIMIT_MS / 1000} seconds; end process ${pid} yourself.`;
  });
  return true;
}

/** True if it is ready; false if another one was faster. */
async function startDaemon(order: DaemonOrder): Promise<boolean> {
  const daemon = startModuleProcess('daemon');
  const { child } = daemon;
  const failure = (what: string, cause?: unknown): Error => {
    const wrote = daemon.stderr();
    return new Error(`Starting the sandbox: ${what}${wrote ? `\n${wrote}` : ''}`, { cause });
  };
  const report = new Promise<DaemonReport>((resolve, reject) => {
    child.once('message', (answer: DaemonReport) => {
      resolve(answer);
    });
    child.once('error', (cause) => {
      reject(failure('its process could not be started', cause));
    });
    child.once('close', (code, signal) => {
      reject(failure(`its process ended early (${signal ?? `exit code ${code ?? 'unknown'}`})`));
    });
  });
  try {
    child.send(order);
    const answer = await within(
      START_LIMIT_MS,
      report,
      () => failure(`it was not ready after ${START_LIMIT_MS / 1000} seconds`).message,
    );
    if (answer.kind === 'failed') throw failure(answer.message);
    return answer.kind === 'ready';
  } finally {
    // A daemon that is not ready takes this as the order to stop.
    if (child.connected) child.disconnect();
    stopWaitingFor(daemon);
  }
}

async function untilReady(socket: Socket): Promise<void> {
  const answered = new Promise<void>((resolve, reject) => {
    socket.on('data', (text) => {
      if (String(text).includes(READY)) resolve();
    });
    socket.once('close', () => {
      reject(
        new Error(
          'Waiting for the sandbox that is being started: it ended. Run `fix-roles sandbox up` again.',
        ),
      );
    });
  });
  try {
    await within(
      START_LIMIT_MS,
      answered,
      () => 'Waiting for the sandbox that is being started: it does not answer.',
    );
  } finally {
    socket.destroy();
  }
}

async function within<T>(
  limitMs: number,
  result: Promise<T>,
  complaint: () => string | Promise<string>,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<'expired'>((resolve) => {
    timer = setTimeout(resolve, limitMs, 'expired');
  });
  try {
    const first = await Promise.race([result.then((value) => ({ value })), expired]);
    if (first === 'expired') throw new Error(await complaint());
    return first.value;
  } finally {
    clearTimeout(timer);
  }
}

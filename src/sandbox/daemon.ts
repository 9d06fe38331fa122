/**
 * The background process of `sandbox up`. It owns both databases until it is told to stop, through its control socket
 * or by a signal. Started by `sandboxUp`, which waits for its one report.
 */
import { once } from 'node:events';
import type { DaemonOrder, DaemonReport } from './background.js';
import { connectToControl, listenForControl, type ControlSocket } from './control-socket.js';
import { startSandbox } from './sandbox.js';
import { StateDirectory } from './state-directory.js';

const stop = new AbortController();
const stopAsked = once(stop.signal, 'abort');
const askToStop = (): void => {
  stop.abort(new Error('it was told to stop before it was ready'));
};

async function takePlace(directory: StateDirectory): Promise<ControlSocket | undefined> {
  for (;;) {
    try {
      return await listenForControl(directory.socket, askToStop);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
    const other = await connectToControl(directory.socket);
    if (other) {
      other.destroy();
      return undefined;
    }
    await directory.removeRemains();
  }
}

async function run(order: DaemonOrder): Promise<void> {
  const directory = new StateDirectory(order.directory);
  const control = await takePlace(directory);
  if (!control) {
    await report({ kind: 'already-running' });
    return;
  }
  try {
    const sandbox = await startSandbox({ topology: order.topology });
    try {
      if (!(await control.isStillOurs()))
        throw new Error('another sandbox was started in the same directory at the same moment; try again');
      stop.signal.throwIfAborted();
      await directory.write({ pid: process.pid, topology: order.topology, environment: sandbox.environment });
      control.announceReady();
      // From here on the sandbox outlives the command that started it.
      process.off('disconnect', askToStop);
      await report({ kind: 'ready' });
      await stopAsked;
    } finally {
      await sandbox.stop();
    }
  } finally {
    if (await control.isStillOurs()) await directory.removeRemains();
  }
}

function report(answer: DaemonReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.connected || !process.send) resolve();
    // An error means that nobody is listening any more, which `disconnect` says as well.
    else
      process.send(answer, undefined, undefined, () => {
        resolve();
      });
  });
}

async function main(order: DaemonOrder): Promise<void> {
  let exitCode = 0;
  try {
    await run(order);
  } catch (error) {
    exitCode = 1;
    await report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
  // Not by running dry: `sandbox down` is still connected and learns from the end of the process that it is done.
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, askToStop);
process.on('disconnect', askToStop);
// The reader of stderr leaves with the command that started this; a late warning must not end the sandbox.
process.stderr.on('error', () => undefined);
process.chdir('/');
process.once('message', (order: DaemonOrder) => void main(order));

/**
 * The process that owns one database server, started by `startGuarded`. When the IPC channel to its owner closes, it
 * stops the server, removes the server's files and ends.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';
import { TRY_AGAIN, type GuardianMessage, type GuardianOrder } from './embedded-server.js';
import { startMongod } from './mongod/server.js';
import { startPostgres } from './postgres-server.js';

const NAMES = { postgres: 'the embedded PostgreSQL', mongod: 'MongoDB' };
const ended = new AbortController();

function stop(): void {
  ended.abort(new Error('it was told to stop before it was ready'));
}

function report(message: GuardianMessage): void {
  // The owner may be gone by now.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

async function guard(order: GuardianOrder): Promise<void> {
  let directory: string | undefined;
  try {
    directory = await mkdtemp(join(tmpdir(), `fix-roles-${order.server}-`));
    const say = (text: string): void => {
      report({ kind: 'said', text });
    };
    const place = { directory, stop: ended.signal, say };
    const { port, program } = await (order.server === 'postgres'
      ? startPostgres(order, place)
      : startMongod(order, place));
    report({ kind: 'ready', port });
    await program.ended;
  } catch (error) {
    const text = { doing: `starting ${NAMES[order.server]}`, problem: messageOf(error), next: TRY_AGAIN };
    report({ kind: 'failed', text: error instanceof Failure ? error.text : text });
  } finally {
    if (directory !== undefined) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    if (process.connected) process.disconnect();
    // A download may still be going on.
    if (ended.signal.aborted) process.exit();
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
process.on('disconnect', stop);
process.once('message', (order: GuardianOrder) => void guard(order));

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { serveOnFreePort, type GuardedPlace, type GuardedProgram } from '../guarded-program.js';
import type { MongodOrder } from '../guardian-order.js';
import { obtainMongod } from './obtain.js';

const READY = 'Waiting for connections';

/**
 * Starts mongod with the options of the order, on the loopback interface alone and with data of its own.
 * @throws Failure where no usable mongod can be had; Error with what it complains of where it does not start
 */
export async function startMongod(
  { options }: MongodOrder,
  place: GuardedPlace,
): Promise<{ readonly port: number; readonly program: GuardedProgram }> {
  const program = await obtainMongod(place);
  const data = join(place.directory, 'data');
  await mkdir(data);
  const fixed = ['--dbpath', data, '--bind_ip', '127.0.0.1', '--quiet'];
  if (process.platform !== 'win32') fixed.push('--nounixsocket');
  return serveOnFreePort(
    place,
    READY,
    (port) => ({
      program,
      args: [...fixed, '--port', String(port), ...options],
      account: undefined,
      stopSignal: 'SIGTERM',
    }),
    complaints,
  );
}

/** What stands in errors of mongod's log, which is JSON line by line; the whole of it where there is none. */
function complaints(log: string): string {
  const errors = log.split('\n').filter((line) => /^\{.*"s":"[EF]"|^[^{]/.test(line));
  return errors.join('\n') || log;
}

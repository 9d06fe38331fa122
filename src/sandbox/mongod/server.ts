import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { serveOnFreePort, type GuardedPlace, type Serving } from '../guarded-program.js';
import type { MongodOrder } from '../embedded-server.js';
import { obtainMongod } from './obtain.js';

const READY = 'Waiting for connections';

/**
 * Starts mongod with the options of the order, on the loopback interface and with data of its own.
 *
 * @throws Failure where no usable mongod can be had; Error with its complaints where it does not start
 */
export async function startMongod({ options }: MongodOrder, place: GuardedPlace): Promise<Serving> {
  const program = await obtainMongod(place);
  const data = join(place.directory, 'data');
  await mkdir(data);
  const fixed = ['--dbpath', data, '--bind_ip', '127.0.0.1', '--quiet'];
  if (process.platform !== 'win32') fixed.push('--nounixsocket');
  const argsFor = (port: number): string[] => [...fixed, '--port', String(port), ...options];
  return serveOnFreePort(
    place,
    READY,
    (port) => ({ program, args: argsFor(port), account: undefined, stopSignal: 'SIGTERM' }),
    complaints,
  );
}

/** The errors in mongod's log, which is JSON line by line; the whole log where there are none. */
function complaints(log: string): string {
  const errors = log.split('\n').filter((line) => /^\{.*"s":"[EF]"|^[^{]/.test(line));
  return errors.join('\n') || log;
}

import { chown, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runGuarded, serveOnFreePort, type GuardedPlace, type Serving } from './guarded-program.js';
import type { PostgresOrder } from './embedded-server.js';
import { findPostgresBinaries, reachableBinaries, unprivilegedAccount } from './postgres-programs.js';

const READY = 'database system is ready to accept connections';
/** PostgreSQL's fast shutdown, which closes open connections. */
const STOP = 'SIGINT';

/**
 * Starts PostgreSQL on an empty cluster of its own; for root under another account, because it refuses root.
 *
 * @throws Failure where its programs or such an account are missing; Error with the server's log where it does not start
 */
export async function startPostgres(
  { user, password, settings }: PostgresOrder,
  place: GuardedPlace,
): Promise<Serving> {
  const { directory } = place;
  const installed = await findPostgresBinaries();
  const account = await unprivilegedAccount();
  if (account) await chown(directory, account.uid, account.gid);
  const { initdb, postgres } = account ? await reachableBinaries(installed, account, directory) : installed;
  const data = join(directory, 'data');
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, password, { mode: 0o600, flag: 'wx' });
  if (account) await chown(passwordFile, account.uid, account.gid);
  const initialisation = runGuarded(
    {
      program: initdb,
      args: [
        ...['--pgdata', data, '--username', user, '--pwfile', passwordFile],
        ...['--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'],
      ],
      account,
      stopSignal: STOP,
    },
    place,
  );
  if ((await initialisation.ended) !== 0) throw new Error(`initdb failed:\n${initialisation.log()}`);
  await rm(passwordFile);
  const flags = Object.entries({ ...settings, unix_socket_directories: '' });
  return serveOnFreePort(place, READY, (port) => ({
    program: postgres,
    args: ['-D', data, '-p', String(port), ...flags.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    account,
    stopSignal: STOP,
  }));
}

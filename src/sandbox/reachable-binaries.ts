import { execFile } from 'node:child_process';
import { cp, lchown, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '../model/errors.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { Account } from './unprivileged-account.js';

/**
 * The programs where the account can execute them. Where only root may enter (a checkout below /root, a restrictive
 * umask), they are copied, which takes 60 MB.
 *
 * @param directory for the copy: private to the account, and removed by the caller
 */
export async function reachableBinaries(
  binaries: PostgresBinaries,
  account: Account,
  directory: string,
): Promise<PostgresBinaries> {
  if (await canExecute(binaries.initdb, account)) return binaries;
  const copy = join(directory, 'programs');
  // bin, lib and share find each other by their relative places.
  await cp(dirname(dirname(binaries.initdb)), copy, { recursive: true, verbatimSymlinks: true });
  await giveTo(account, copy);
  return { initdb: join(copy, 'bin', 'initdb'), postgres: join(copy, 'bin', 'postgres') };
}

async function canExecute(program: string, account: Account): Promise<boolean> {
  try {
    await promisify(execFile)(program, ['--version'], { ...account, cwd: '/' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EACCES') return false;
    throw error;
  }
}

async function giveTo({ uid, gid }: Account, directory: string): Promise<void> {
  await lchown(directory, uid, gid);
  const entries = await readdir(directory, { recursive: true });
  await Promise.all(entries.map((entry) => lchown(join(directory, entry), uid, gid)));
}

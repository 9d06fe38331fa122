import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf } from '../../model/errors.js';

/** What a source of mongod has: a program, which may be unusable; or none, and why. */
export type Finding = { readonly program: string } | { readonly absent: string };

/** The last line of a failed program; where it wrote none, why it could not be run. */
export function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const wrote = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  if (wrote !== '') return wrote.slice(wrote.lastIndexOf('\n') + 1);
  return codeOf(error) === 'ENOENT' ? 'there is no such program' : error.message;
}

/** The oldest server that the driver connects to (MIN_SUPPORTED_SERVER_VERSION in its sources). */
export const OLDEST = { major: 4, minor: 4 };
const ANSWER_WITHIN_MS = 30_000;

/**
 * The version of a mongod, such as "6.0.5".
 *
 * @throws Error where it cannot be used: not executable, no mongod, or older than the driver supports
 */
export async function versionOf(program: string): Promise<string> {
  const said = await promisify(execFile)(program, ['--version'], { timeout: ANSWER_WITHIN_MS }).catch(
    (cause: unknown) => {
      throw new Error(`${program}: it cannot be executed: ${complaintOf(cause)}`, { cause });
    },
  );
  const [, version, major, minor] = /^db version v((\d+)\.(\d+)\S*)/m.exec(said.stdout) ?? [];
  if (version === undefined) throw new Error(`${program}: it does not say which version of MongoDB it is`);
  if (Number(major) < OLDEST.major || (Number(major) === OLDEST.major && Number(minor) < OLDEST.minor))
    throw new Error(
      `${program}: it is version ${version}, and the driver needs ${OLDEST.major}.${OLDEST.minor} or later`,
    );
  return version;
}

/** Where a downloaded mongod is kept: one for each kind of machine, because they may share the home directory. */
function cachedMongod(): string {
  // By the XDG specification, a relative path counts as unset.
  const given = process.env['XDG_CACHE_HOME'] ?? '';
  const base = isAbsolute(given) ? given : join(homedir(), '.cache');
  const ending = process.platform === 'win32' ? '.exe' : '';
  return join(base, 'fix-roles', `mongod-${process.platform}-${process.arch}${ending}`);
}

/** @throws Error where others than this account could have put it there */
export async function findCached(): Promise<Finding> {
  const path = cachedMongod();
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return { absent: `there is no ${path}` };
  const isOurs = process.getuid === undefined || found.uid === process.getuid();
  if (!isOurs || (process.platform !== 'win32' && (found.mode & 0o022) !== 0))
    throw new Error(`somebody else could have written ${path}`);
  return { program: path };
}

/**
 * Keeps a program, whole or not at all, even where others do the same at the same moment.
 *
 * @returns its path in the cache
 */
export async function keepInCache(program: string): Promise<string> {
  const path = cachedMongod();
  const beside = `${path}.${randomUUID()}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await copyFile(program, beside);
    await chmod(beside, 0o755);
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  return path;
}

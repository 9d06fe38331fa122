import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { shell } from './cli.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 240_000 });

const README = fileURLToPath(new URL('../../README.md', import.meta.url));

/** What is another one each time. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  [/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT'],
  [/sha256:[0-9a-f]{64}/g, 'sha256:DIGEST'],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, 'TIME'],
  [/^( +)\d{19}; read at/gm, '$1CLUSTER; read at'],
];

function withoutChance(text: string): string {
  return CHANCE.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);
}

test('the demo prints what the README shows (node bin/renew-transcript.js writes it anew)', async () => {
  const [, shown = ''] = /^```text\n(.*?)^```$/ms.exec(await readFile(README, 'utf8')) ?? [];
  const { code, stdout } = await shell('fix-roles sandbox demo 2>&1');
  expect(code).toBe(0);
  expect(withoutChance(stdout)).toBe(withoutChance(shown));
});

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { crowdedFolders, importViolations } from './import-rules.js';
import { ownFolder } from './own-folder.js';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));

test('every import in src goes along an arrow of docs/design.md, "Structure", and none in a circle', () => {
  expect(importViolations(SRC)).toEqual([]);
});

test('no folder of src holds more files than one can look over', () => {
  expect(crowdedFolders(SRC)).toEqual([]);
});

/** The folder of a tree that consists of these files. */
async function treeOf(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await ownFolder();
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
  return root;
}

test('a circle is caught once, however long, and what leads into it is not', async () => {
  const root = await treeOf({
    'model/a.ts': "import type { B } from './b.js';",
    'model/b.ts': "export { c } from './deep/c.js';",
    'model/deep/c.ts': "const { a } = await import('../a.js');",
    'model/d.ts': "import { a } from './a.js';",
    'files/e.ts': "import { e } from './e.js';",
  });
  expect(importViolations(root)).toEqual([
    'circle: files/e.ts',
    'circle: model/a.ts ↔ model/b.ts ↔ model/deep/c.ts',
  ]);
});

test('a folder with 31 files is caught; files in the folders within it do not count', async () => {
  const holding = (count: number): Readonly<Record<string, string>> =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`decide/${index}.ts`, '']));
  const crowded = async (count: number) =>
    crowdedFolders(await treeOf({ ...holding(count), 'decide/deep/x.ts': '' }));
  expect(await crowded(31)).toEqual(['decide: holds 31 files']);
  expect(await crowded(30)).toEqual([]);
});

test.each([
  ['model/id.ts', "import { x } from '../files/plan/schema.js';", 'model imports files'],
  ['model/id.ts', "import type { X } from '../decide/user.js';", 'model imports decide'],
  ['decide/user.ts', "import { x } from '../files/plan/schema.js';", 'decide imports files'],
  ['files/reader.ts', "import { x } from '../stores/targets.js';", 'files imports stores'],
  ['files/reader.ts', "const x = await import('../stores/targets.js');", 'files imports stores'],
  ['stores/facts.ts', "export { x } from '../files/plan/schema.js';", 'stores imports files'],
  ['planner/plan.ts', "export * from '../views/terminal.js';", 'planner imports views'],
  ['apply/run.ts', "import '../config/configuration.js';", 'apply imports config'],
  ['doctor/clock.ts', "import { x } from '../files/plan/schema.js';", 'doctor imports files'],
  ['views/text.ts', "import { x } from '../decide/user.js';", 'views imports decide'],
  ['views/deep/text.ts', "import { x } from '../../commands/plan.js';", 'views imports commands'],
  ['steps/plan.ts', "import { x } from '../views/terminal.js';", 'steps imports views'],
  ['commands/plan.ts', "import { x } from '../planner/plan.js';", 'commands imports planner'],
  ['commands/plan.ts', "const x = await import('../stores/targets.js');", 'commands imports stores'],
  ['commands/apply.ts', "import type { X } from '../apply/run.js';", 'commands imports apply'],
  ['cli/base-command.ts', "import type { X } from '../stores/connections.js';", 'cli imports stores'],
  ['cli/base-command.ts', "import type { X } from '../steps/plan.js';", 'cli imports steps'],
  ['index.ts', "export { x } from './commands/plan.js';", 'index.ts imports commands'],
  ['config/load.ts', "import { x } from '../stores/targets.js';", 'config imports stores'],
  ['sandbox/data.ts', "import { x } from '../files/digest.js';", 'sandbox imports files'],
  ['commands/plan.ts', "import { x } from '../sandbox/data.js';", 'only its commands import sandbox'],
  ['commands/plan.ts', "import { x } from '../../test/x.js';", 'imports ../../test/x.js from outside'],
  ['other/x.ts', "import { x } from '../model/id.js';", 'is in a folder without arrows, other'],
  ['planner/plan.ts', "import { MongoClient } from 'mongodb';", 'planner imports the driver mongodb'],
  ['commands/plan.ts', "import type pg from 'pg';", 'commands imports the driver pg'],
  ['apply/run.ts', "const x = require('pg/lib/client');", 'apply imports the driver pg'],
  ['apply/run.ts', "import Cursor from 'pg-cursor';", 'apply imports the driver pg-cursor'],
  ['decide/user.ts', "import { x } from 'node:fs/promises';", 'decide imports the system: node:fs/promises'],
  ['decide/user.ts', "import { z } from 'zod';", 'decide imports a package: zod'],
  ['decide/user.ts', "import { randomUUID } from 'node:crypto';", 'decide uses randomUUID'],
  ['decide/user.ts', "import x from 'node:crypto';", 'decide uses more of a system module than it needs'],
  ['decide/user.ts', 'export const at = Date.now();', 'decide uses Date.now'],
  ['decide/user.ts', 'export const at = new Date();', 'decide uses new Date()'],
  ['decide/user.ts', 'export const at = Date();', 'decide uses Date()'],
  ['decide/user.ts', 'export const at = Math.random();', 'decide uses Math.random'],
  ['decide/user.ts', "export const at = process.env['X'];", 'decide uses process'],
])('%s with %s is caught', async (file, text, problem) => {
  expect(importViolations(await treeOf({ [file]: text }))).toEqual([`${file}: ${problem}`]);
});

test.each([
  ['stores/facts.ts', "import { MongoClient } from 'mongodb'; import { x } from '../model/id.js';"],
  [
    'commands/sandbox/up.ts',
    "import { x } from '../../sandbox/data.js'; import { y } from '../../cli/base-command.js';",
  ],
  ['commands/plan.ts', "const x = await import('../steps/plan.js');"],
  ['decide/id.ts', "import { hash } from 'node:crypto'; export const at = new Date(0).toISOString();"],
  [
    'views/text.ts',
    "// import { x } from '../stores/facts.js'\nconst text = \"import '../stores/facts.js'\";",
  ],
])('%s with %s is fine', async (file, text) => {
  expect(importViolations(await treeOf({ [file]: text }))).toEqual([]);
});

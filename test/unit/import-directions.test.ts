import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { crowdedFolders, importViolations } from './import-rules.js';
import { ownFolder } from '../own-folder.js';

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

test('each breach is caught, however it imports, and what only looks like one is not', async () => {
  const breaches: readonly (readonly [file: string, text: string, problem: string])[] = [
    ['model/a.ts', "import type { X } from '../decide/user.js';", 'model imports decide'],
    ['files/b.ts', "const x = await import('../stores/targets.js');", 'files imports stores'],
    ['stores/c.ts', "export { x } from '../files/plan/schema.js';", 'stores imports files'],
    ['views/deep/d.ts', "import { x } from '../../commands/plan.js';", 'views imports commands'],
    ['index.ts', "export * from './commands/plan.js';", 'index.ts imports commands'],
    ['commands/e.ts', "import '../sandbox/data.js';", 'only its commands import sandbox'],
    ['commands/f.ts', "import { x } from '../../test/x.js';", 'imports ../../test/x.js from outside'],
    ['other/g.ts', "import { x } from '../model/id.js';", 'is in a folder without arrows, other'],
    ['apply/h.ts', "const x = require('pg/lib/client');", 'apply imports the driver pg'],
    ['decide/i.ts', "import { x } from 'node:fs/promises';", 'decide imports the system: node:fs/promises'],
    ['decide/j.ts', "import { z } from 'zod';", 'decide imports a package: zod'],
    ['decide/k.ts', "import { randomUUID } from 'node:crypto';", 'decide uses randomUUID'],
    ['decide/l.ts', 'export const at = new Date();', 'decide uses new Date()'],
    ['decide/m.ts', "export const at = process.env['X'];", 'decide uses process'],
  ];
  const root = await treeOf({
    ...Object.fromEntries(breaches.map(([file, text]) => [file, text])),
    'stores/n.ts': "import { MongoClient } from 'mongodb'; import { x } from '../model/id.js';",
    'commands/sandbox/o.ts': "import { x } from '../../sandbox/data.js';",
    'decide/p.ts': "import { hash } from 'node:crypto'; export const at = new Date(0).toISOString();",
    'views/q.ts': "// import { x } from '../stores/facts.js'\nconst text = \"import '../stores/facts.js'\";",
  });
  expect(importViolations(root)).toEqual(breaches.map(([file, , problem]) => `${file}: ${problem}`).sort());
});

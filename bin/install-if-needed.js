// Runs `npm ci` where node_modules is missing or older than package-lock.json, so that `npm run demo` and `npm test`
// work in a fresh clone and after an update. Plain JavaScript without dependencies: nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Milliseconds since 1970, or -1 where there is no such file. */
function changedAt(file) {
  return statSync(new URL(`../${file}`, import.meta.url), { throwIfNoEntry: false })?.mtimeMs ?? -1;
}

// npm writes this file at the end of every installation.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  process.stderr.write('Installing what package-lock.json names (npm ci) …\n');
  // What is needed to build and to try is needed here, whatever NODE_ENV or an .npmrc leaves out elsewhere.
  const arguments_ = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env.npm_execpath;
  const { status, error } =
    npm === undefined
      ? spawnSync('npm', arguments_, { cwd: root, stdio: 'inherit' })
      : spawnSync(process.execPath, [npm, ...arguments_], { cwd: root, stdio: 'inherit' });
  if (error) process.stderr.write(`npm cannot be run: ${error.message}\n`);
  process.exitCode = status ?? 1;
}

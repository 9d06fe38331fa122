// Writes the commit that a build is made from to dist/commit.txt, for `fix-roles --version`. Where there is no git, or
// the folder lies in somebody else's checkout, there is no such file. Nothing else may depend on it: a plan has to come
// out the same from every build of a version.
import { execFileSync } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = realpathSync(fileURLToPath(new URL('..', import.meta.url)));

function git(...args) {
  return execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}

try {
  if (realpathSync(git('rev-parse', '--show-toplevel')) === root)
    writeFileSync(
      new URL('../dist/commit.txt', import.meta.url),
      `${git('describe', '--always', '--dirty', '--exclude', '*')}\n`,
    );
} catch {
  // No git here, or no repository.
}

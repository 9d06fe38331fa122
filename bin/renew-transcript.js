// Writes what the demo prints into the README: npm run build && node bin/renew-transcript.js
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const printed = execFileSync('sh', ['-c', 'exec "$0" bin/run.js sandbox demo 2>&1', process.execPath], {
  cwd: root,
  encoding: 'utf8',
});
const readme = readFileSync(`${root}README.md`, 'utf8');
const block = /^```text\n.*?^```$/ms;
if (!block.test(readme)) throw new Error('The README has no block for the transcript.');
writeFileSync(
  `${root}README.md`,
  readme.replace(block, () => `\`\`\`text\n${printed}\`\`\``),
);

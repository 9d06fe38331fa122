import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { canary, CanaryHunter } from './canaries.js';
import { emptyDirectory } from './cli.js';

const POSTGRES = canary('postgres');

/** Whose silence elsewhere would otherwise prove nothing. */
test('the hunter finds a password in texts, files and command lines, and not what only resembles one', async () => {
  const { password, encoded } = POSTGRES;
  const cwd = await emptyDirectory();
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', password], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  await once(child, 'spawn');
  const hunter = new CanaryHunter([canary('mongo'), POSTGRES]);
  const forms = [password, encoded, JSON.stringify(password), `…${password.slice(0, 22)}…`];
  for (const form of forms) hunter.search(form, `cannot connect: ${form}`);
  hunter.search('text', 'postgres://***@host/cAnArY-db?password=***');
  await writeFile(join(cwd, 'plan.json'), `{"url":"${encoded}"}`);
  await hunter.searchFolder(cwd, []);
  await hunter.searchProcesses(process.pid);
  child.stdin.end();
  await once(child, 'close');
  const ofChild = `the command line of ${child.pid ?? 0}`;
  expect(hunter.leaks.map(({ where }) => where)).toEqual([...forms, join(cwd, 'plan.json'), ofChild]);
});

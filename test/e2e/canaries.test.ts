import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canary, CanaryHunter } from './canaries.js';
import { emptyDirectory } from './cli.js';

const POSTGRES = canary('postgres');
const ALL = [canary('mongo'), POSTGRES, canary('wrong')];

describe('the hunter', () => {
  const forms = [
    POSTGRES.password,
    POSTGRES.encoded,
    JSON.stringify(POSTGRES.password),
    `…${POSTGRES.password.slice(0, 22)}…`,
  ];
  test.each(forms.map((form) => [form]))('finds %s in a text and in a file', async (form) => {
    const hunter = new CanaryHunter(ALL);
    const cwd = await emptyDirectory();
    await writeFile(join(cwd, 'plan.json'), `{"url":"${form}"}`);
    hunter.search('text', `cannot connect: ${form}`);
    await hunter.searchFolder(cwd, []);
    expect(hunter.leaks.map(({ where }) => where)).toEqual(['text', join(cwd, 'plan.json')]);
  });

  test('finds a password on the command line of a child', async () => {
    const hunter = new CanaryHunter(ALL);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', POSTGRES.password], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await new Promise((resolve) => child.once('spawn', resolve));
    await hunter.searchProcesses(process.pid);
    child.stdin.end();
    await new Promise((resolve) => child.once('close', resolve));
    expect(hunter.leaks.map(({ where }) => where)).toEqual([`the command line of ${child.pid ?? 0}`]);
  });

  test('is silent about what only resembles a password', () => {
    const hunter = new CanaryHunter(ALL);
    hunter.search('text', 'postgres://***@host/cAnArY-db?password=***');
    expect(hunter.leaks).toEqual([]);
  });
});

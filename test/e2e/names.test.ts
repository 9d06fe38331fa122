import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, runsIn } from './cli.js';

vi.setConfig({ testTimeout: 240_000 });

const databases = await fileDatabases('sample');

const { env } = databases;
const users = databases.mongo.collection<{ _id: string; name: string }>('users');

test('plans name people where users are mapped, are reproduced and applied so, and --no-names leaves them out', async () => {
  const cwd = await emptyDirectory();
  const run = runsIn(cwd, env);
  const contents = (name: string) => readFile(join(cwd, name), 'utf8');
  await run(0, 'plan -q -o unmapped.json --as-of 2026-11-22T06:15:00.000Z');
  const ids = new Set(
    [...(await contents('unmapped.json')).matchAll(/"user":"([0-9a-f]{24})"/g)].map(([, id = '']) => id),
  );
  await writeFile(join(cwd, 'fix-roles.config.json'), '{"mapping":{"mongo":{"users":{}}}}');
  await run(1, 'plan -q', 'there is no collection users', /--no-names/);

  await users.insertMany([...ids].map((_id) => ({ _id, name: `<${_id.slice(-4)}>\u001b` })));
  await run(0, 'plan -q -o named.json --as-of 2026-11-22T06:15:00.000Z');
  const named = await contents('named.json');
  for (const id of ids) expect(named).toContain(`"user":"${id}","name":"<${id.slice(-4)}>\ufffd"`);
  await run(0, 'verify named.json --reproduce');
  await run(0, 'plan -q --no-names -o nameless.json --as-of 2026-11-22T06:15:00.000Z');
  expect(await contents('nameless.json')).toBe(await contents('unmapped.json'));
  const { stdout } = await run(2, 'diff nameless.json named.json');
  expect(stdout).toMatch(/differ in the names of people alone, in no decision: \d+ differences\.\n$/);
  const [id = ''] = ids;
  const shown = await run(0, 'show named.json --no-pager');
  expect(shown.stdout).toMatch(
    new RegExp(`user ${id} .* {2}"<${id.slice(-4)}>\\\\u\\{fffd\\}|user ${id} .*<`),
  );

  await users.drop();
  await run(1, 'verify named.json --reproduce', 'no collection users');
  await run(0, 'apply named.json --yes --max-removals 100% -q --max-age 999d');
  expect(await contents('named.json.receipt.jsonl')).not.toContain('<');
  await run(1, 'revert named.json.receipt.jsonl -q', /--no-names/);
  const back = await run(0, 'revert named.json.receipt.jsonl --no-names -q -o back.json');
  expect(back.stderr).toBe('');
  await writeFile(
    join(cwd, 'fix-roles.config.json'),
    JSON.stringify({ policy: { exempt: { users: [{ id, reason: 'a robot' }] } } }),
  );
  const told = await run(0, 'revert named.json.receipt.jsonl --no-names -o told.json');
  expect(told.stderr).toContain(`Warning: user ${id} is exempt by the present policy (a robot)`);
  await run(0, 'apply told.json --of named.json.receipt.jsonl --yes --max-removals 100% -q');
});

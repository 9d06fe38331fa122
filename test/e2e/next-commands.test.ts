import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { startEmbeddedMongo, type EmbeddedMongo } from '../../src/sandbox/embedded-mongo.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createTestDatabases } from '../servers.js';
import { makeKey } from '../signing-keys.js';
import { emptyDirectory, shell } from './cli.js';
import { MEANWHILE, ROWS } from './recommendations.js';

vi.setConfig({ testTimeout: 240_000 });

let standalone: Promise<EmbeddedMongo> | undefined;
const standaloneMongo = (): Promise<EmbeddedMongo> =>
  (standalone ??= startEmbeddedMongo({ topology: 'standalone', durability: 'off' }));

const table: string[] = [];
afterAll(async () => {
  await (await standalone)?.stop();
  process.stdout.write(`\n${table.join('\n')}\n${table.length} of ${ROWS.length} recommendations held\n`);
});

test.each(ROWS)('$situation: what is recommended next is not refused', async (row) => {
  const databases = await createTestDatabases(
    row.mongo === undefined ? {} : { mongoUri: (await standaloneMongo()).uri },
  );
  onTestFinished(() => databases.drop());
  await insertSampleData(databases.mongo, databases.pg);
  const cwd = await emptyDirectory();
  const key = await makeKey(cwd, 'id_ed25519', '', 'ed25519');
  await writeFile(join(cwd, 'allowed_signers'), `me@example.com ${key.publicKey}\n`);
  const env = { ...databases.env, HOME: cwd };
  for (const part of (row.before ?? '').split(/(?:; )?\b([A-Z]{4,})\b(?:; )?/))
    if (part !== '') await (MEANWHILE[part]?.(databases) ?? shell(part, { cwd, env }));

  const { code, stdout, stderr } = await shell(row.command, { cwd, env });
  const said = `${stderr}${stdout}`;
  expect(code, said).toBe(row.code);
  const next = /^(?:.*Next:|To take it back:|  →) (.*?)$/m.exec(said)?.[1] ?? '';
  expect(next, said).toMatch(row.next);
  table.push(
    [
      row.situation.padEnd(26),
      row.command.padEnd(52),
      String(code),
      said.split('\n')[0]?.slice(0, 60),
      next,
    ].join(' | '),
  );

  const commands: string[] =
    next.match(
      /fix-roles .*?(?=, then |; | once more| makes a| leaves | goes on| explains|\.? (?=[A-Z])|\.?$)/g,
    ) ?? [];
  // Some recommend the same command with another flag, or with another file.
  const [, flag, file] = / with (--[a-z-]+(?: \d+)?)\.$| wrote: (\S+),/.exec(next) ?? [];
  if (flag !== undefined) commands.push(`${row.command.replace(/ --max-\w+ \d+/, '')} ${flag}`);
  if (file !== undefined) commands.push(row.command.replace('plan.json', file));
  expect(commands).not.toEqual([]);
  for (const command of commands) {
    // The person's part: the confirmation, and the key to sign with.
    const asked =
      command.startsWith('fix-roles apply') && !command.includes('--yes') ? `${command} --yes` : command;
    const run = await shell(asked.startsWith('fix-roles approve') ? `${asked} --key id_ed25519` : asked, {
      cwd,
      env,
    });
    expect([4, 64], `${asked}\n${run.stderr}`).not.toContain(run.code);
  }
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { createTestDatabases } from '../servers.js';
import { makeKey } from '../signing-keys.js';
import { emptyDirectory, shell } from './cli.js';

vi.setConfig({ testTimeout: 240_000 });

const LONG_AGO = '2026-01-02T03:04:05.000Z';

/** One row of the table: what was done before, the command, how it ends, and what may be wrong with what it recommends. */
interface Row {
  readonly situation: string;
  readonly before?: string;
  readonly command: string;
  readonly code: number;
  /** What the recommended commands must hold. */
  readonly next: RegExp;
}

const PLAN = 'fix-roles plan -q -o plan.json';
const OLD = `fix-roles plan -q --as-of ${LONG_AGO} -o plan.json`;
const APPLIED = `${PLAN}; fix-roles apply plan.json --yes -q > out`;

const ROWS: readonly Row[] = [
  {
    situation: 'a new plan',
    command: 'fix-roles plan -o plan.json',
    code: 0,
    next: /show plan\.json, then fix-roles apply plan\.json$/,
  },
  {
    situation: 'a name with blanks',
    command: "fix-roles plan -o 'my plan.json'",
    code: 0,
    next: /apply 'my plan\.json'$/,
  },
  {
    situation: 'an old plan, shown',
    before: OLD,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /--max-age \d+d$/,
  },
  {
    situation: 'an old plan, verified',
    before: OLD,
    command: 'fix-roles verify plan.json',
    code: 0,
    next: /--max-age \d+d$/,
  },
  {
    situation: 'a part of the teams',
    command: 'fix-roles plan --shard 0/2 -o plan.json',
    code: 0,
    next: /apply plan\.json/,
  },
  {
    situation: 'a plan, shown',
    before: PLAN,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /apply plan\.json$/,
  },
  {
    situation: 'a few teams applied',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes --limit 3',
    code: 5,
    next: /apply plan\.json --yes once more/,
  },
  {
    situation: 'a shard, a few teams',
    before: PLAN,
    command: 'fix-roles apply plan.json --yes --shard 1/2 --limit 1',
    code: 5,
    next: /--shard 1\/2 once more/,
  },
  {
    situation: 'applied, shown again',
    before: APPLIED,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /verify plan\.json$/,
  },
  {
    situation: 'another plan of that name',
    before: `${APPLIED}; fix-roles revert plan.json.receipt.jsonl -q -o revert.json; fix-roles apply revert.json --of plan.json.receipt.jsonl --yes -q > out; fix-roles plan -q --force -o plan.json`,
    command: 'fix-roles show plan.json',
    code: 0,
    next: /--receipt plan-2\.json\.receipt\.jsonl$/,
  },
  {
    situation: 'a new revert plan',
    before: APPLIED,
    command: 'fix-roles revert plan.json.receipt.jsonl -o revert.json',
    code: 0,
    next: /apply revert\.json --of plan\.json\.receipt\.jsonl/,
  },
  {
    situation: 'a revert plan, shown',
    before: `${APPLIED}; fix-roles revert plan.json.receipt.jsonl -q -o revert.json`,
    command: 'fix-roles show revert.json',
    code: 0,
    next: /--of plan\.json\.receipt\.jsonl/,
  },
  {
    situation: 'a revert plan, verified',
    before: `${APPLIED}; fix-roles revert plan.json.receipt.jsonl -q -o revert.json`,
    command: 'fix-roles verify revert.json',
    code: 0,
    next: /--of plan\.json\.receipt\.jsonl/,
  },
  {
    situation: 'shards, taken back',
    before: `${PLAN}; for i in 0 1; do fix-roles apply plan.json --yes -q --shard $i/2 > out; done; fix-roles revert plan.json.receipt.*-of-2.jsonl -q -o revert.json`,
    command: 'fix-roles verify revert.json',
    code: 0,
    next: /--of plan\.json\.receipt\.\d-of-2\.jsonl --of plan/,
  },
  {
    situation: 'approvals demanded',
    before: 'echo \'{"approvals":{"allowedSigners":"allowed_signers","require":1}}\' > fix-roles.config.json',
    command: 'fix-roles plan -o plan.json',
    code: 0,
    next: /show plan\.json, then fix-roles approve plan\.json, then fix-roles apply plan\.json$/,
  },
  {
    situation: 'drift, names taken',
    before: `${PLAN}; touch new-plan.json; DRIFT`,
    command: 'fix-roles apply plan.json --yes --on-drift abort',
    code: 3,
    next: /plan -o new-plan-2\.json .*apply plan\.json --yes --on-drift skip/,
  },
  {
    situation: 'doctor, names taken',
    before: PLAN,
    command: 'fix-roles doctor',
    code: 0,
    next: /plan -o plan-2\.json$/,
  },
  {
    situation: 'nothing to change',
    before: APPLIED,
    command: 'fix-roles plan -o after.json',
    code: 0,
    next: /show after\.json/,
  },
];

const table: string[] = [];
afterAll(() => {
  process.stdout.write(`\n${table.join('\n')}\n${table.length} of ${ROWS.length} recommendations held\n`);
});

test.each(ROWS)('$situation: what is recommended next is not refused', async (row) => {
  const databases = await createTestDatabases();
  onTestFinished(() => databases.drop());
  await insertSampleData(databases.mongo, databases.pg);
  const cwd = await emptyDirectory();
  const key = await makeKey(cwd, 'id_ed25519', '', 'ed25519');
  await writeFile(join(cwd, 'allowed_signers'), `me@example.com ${key.publicKey}\n`);
  const env = { ...databases.env, HOME: cwd };
  const [before = '', drift] = (row.before ?? '').split('DRIFT');
  if (before !== '') await shell(before, { cwd, env });
  if (drift !== undefined)
    await databases.mongo
      .collection('user_roles')
      .updateMany({ role_name: 'admin' }, { $set: { is_active: false } });

  const { code, stdout, stderr } = await shell(row.command, { cwd, env });
  const said = `${stderr}${stdout}`;
  expect(code, said).toBe(row.code);
  const next = /^(?:Next|.*Next): (.*?)$/m.exec(said)?.[1] ?? '';
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

  const commands = next
    .split(/, then |; | once more| makes a| leaves | goes on| explains/)
    .filter((each) => each.startsWith('fix-roles '));
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

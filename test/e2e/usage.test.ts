import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Config } from '@oclif/core';
import { describe, expect, test } from 'vitest';
import { emptyDirectory, exits, fixRoles } from './cli.js';

const OWN = ['plan', 'show', 'approve', 'diff', 'schema'];

describe('a misused command line', () => {
  test.each([
    ['plam', 'there is no command plam', 'Did you mean plan?'],
    ['aply plan.json --yes', 'there is no command aply', 'Did you mean apply?'],
    // A short argument does not pass for a part of the name.
    ['approv p', 'there is no command approv\n', 'Did you mean approve?'],
    ['sanbox up', 'there is no command sanbox up', 'Did you mean sandbox up?'],
    ['sandbox upp', 'there is no command sandbox upp', 'Did you mean sandbox up?'],
    ['bogus --help', 'there is no command bogus', 'See fix-roles --help'],
    ['plan --outptu x', '--outptu', 'Did you mean --output?'],
    ['plan --detailed-exit-code', '--detailed-exit-code', 'Did you mean --detailed-exitcode?'],
    ['plan extra', 'Unexpected argument: extra', 'See fix-roles plan --help.'],
    ['plan --team', '--team expects a value', 'See fix-roles plan --help.'],
    ['plan --as-of yesterday', '--as-of', 'UTC'],
    ['show', 'Missing 1 required arg', 'See fix-roles show --help.'],
    ['show plan.json --format pdf', 'text, markdown, html, json', 'See fix-roles show --help.'],
    ['diff one.json', 'Missing 1 required arg', 'See fix-roles diff --help.'],
    [
      'show --team x',
      /required arg:\n {2}plan {2}the plan, or one receipt or several; - is stdin\n {2}→/,
      'See fix-roles show --help.',
    ],
    [
      'apply p --limit x',
      'line: --limit: expected an integer but received: x',
      'See fix-roles apply --help.',
    ],
    ['plan --quiet --verbose', 'line: --quiet=true cannot also be provided', 'See fix-roles plan --help.'],
    ['plan --force', 'line: All of the following must be provided', 'See fix-roles plan --help.'],
    ['schema plans', 'plan, receipt, policy', 'See fix-roles schema --help.'],
    // As other tools have it.
    ['undo plan.json', 'there is no command undo', 'fix-roles revert plan.json.receipt.jsonl -o revert.json'],
    ['rollback p.json.receipt.jsonl', 'no command rollback', 'revert p.json.receipt.jsonl -o revert.json'],
    ['db:migrate', 'no command db:migrate', 'fix-roles plan -o PLAN, then fix-roles show PLAN, then'],
    ['migrate:rollback', 'no command migrate:rollback', 'fix-roles revert RECEIPT'],
    ['status', 'no command status', 'fix-roles plan --detailed-exitcode exits with 2'],
    ['validate plan.json', 'no command validate', 'fix-roles show plan.json proves the file'],
    ['import', 'no command import', 'no state is kept'],
    ['help undo', 'no command undo', 'fix-roles revert RECEIPT'],
    ['undo PLAN.json.gz', 'no command undo', 'fix-roles revert PLAN.json.receipt.jsonl -o'],
    ['undo $&.json', 'no command undo', "fix-roles revert '$&.json.receipt.jsonl' -o"],
    [
      'view https://me:hidden@host/plan.json',
      'no command view',
      "fix-roles show 'https://***@host/plan.json'",
    ],
    ['plan -constructor', 'Nonexistent flag: -constructor', 'See fix-roles plan --help.'],
    ['plan -out=x.json', 'two dashes, and not as -out', 'Here it is --output.'],
    ['plan -out x.json', 'two dashes, and not as -out', 'Here it is --output.'],
    ['plan --out x.json', 'Nonexistent flag: --out', 'Here it is --output.'],
    [
      'plan --dry-run',
      'Nonexistent flag: --dry-run',
      'Leave it out: plan, show and verify write to no database',
    ],
    ['apply p.json --dry-run', 'Nonexistent flag: --dry-run', 'apply shows what it will do and asks first'],
    ['apply p.json --auto-approve', 'Nonexistent flag: --auto-approve', 'Here it is --yes.'],
    ['apply p.json -auto-approve', 'not as -auto-approve', 'Here it is --yes.'],
    ['apply p.json -target=a', 'not as -target', 'Choose teams while planning: fix-roles plan --team ID'],
    ['apply p.json --force', 'Nonexistent flag: --force', 'is told with the flag that allows it'],
    ['apply p.json -f', 'Nonexistent flag: -f', 'is told with the flag that allows it'],
    ['plan -y', 'Nonexistent flag: -y', 'this command asks nothing'],
    ['plan -v', 'Nonexistent flag: -v', 'Here it is --verbose.'],
    ['show p.json --steps 3', 'Nonexistent flag: --steps', 'See fix-roles show --help.'],
    ['plan -json', 'two dashes, and not as -json', 'Here it is --json.'],
    ['plan plan.json', 'Unexpected argument: plan.json', 'To save the plan: fix-roles plan -o plan.json.'],
    [
      'diff one.json',
      'Missing 1 required arg',
      'fix-roles show one.json; whether it still fits the databases',
    ],
    [
      '--json plan',
      'begins with --json, and not with a command',
      'Name the command first, and flags behind it: fix-roles plan --json',
    ],
    ['--password hidden plan', 'begins with --password, and', 'flags behind it: fix-roles plan --password'],
    ['--password=hidden plan', 'begins with --password, and', 'flags behind it: fix-roles plan --password'],
    ['plan --password=hidden', 'Nonexistent flag: --password', 'Here it is --dotenv.'],
    ['plan -password=hidden', 'two dashes, and not as -password', 'Here it is --dotenv.'],
    ['-v', 'there is no flag -v here', 'Write fix-roles --version.'],
    ['-help', 'there is no flag -help here', 'Write fix-roles --help.'],
  ])('%s ends with 64, runs nothing, and is told what to type', async (line, problem, advice) => {
    const cwd = await emptyDirectory();
    const run = fixRoles(line.split(' '), { cwd, stdin: 'not a file name' });
    const { stderr } = await exits(64, run, '✗ reading the command line: ', problem);
    expect(stderr).toContain(advice);
    expect(stderr).not.toContain('hidden');
    expect(await readdir(cwd)).toEqual([]);
  });

  test('with --json is said on stdout too, as JSON', async () => {
    const { stdout } = await exits(64, fixRoles(['apply', '--json']), '✗ reading the command line');
    expect(JSON.parse(stdout)).toEqual({
      error: {
        kind: 'usage',
        exitCode: 64,
        doing: 'reading the command line',
        problem: expect.stringContaining('Missing 1 required arg') as unknown,
        next: 'See fix-roles apply --help.',
      },
    });
  });

  test('never shows a credential', async () => {
    const { stdout, stderr } = await fixRoles(['plan', 'postgres://user:canary@host/db', '--json']);
    expect(stderr).toContain('Unexpected argument: postgres://***@host/db');
    expect(stdout + stderr).not.toContain('canary');
    const command = await exits(64, fixRoles(['mongodb://user:canary@host/db', '--json']));
    expect(command.stdout + command.stderr).not.toContain('canary');
  });
});

test('--json is taken by every command but those whose result is no data, and refused by these', async () => {
  const { commands } = await Config.load(fileURLToPath(new URL('../..', import.meta.url)));
  const without = commands.filter(({ enableJsonFlag }) => enableJsonFlag !== true).map(({ id }) => id);
  expect(without.sort()).toEqual(['completion', 'init', 'sandbox:demo', 'sandbox:up']);
  for (const line of ['completion bash --json', 'init --json', 'sandbox demo --json', 'sandbox up --json']) {
    const { code, stderr } = await fixRoles(line.split(' '));
    expect(code, line).toBe(64);
    expect(stderr, line).toContain('Nonexistent flag: --json');
  }
});

describe('help', () => {
  test('lists the commands, and nothing that is none', async () => {
    const { stdout } = await exits(0, fixRoles(['--help']));
    for (const command of OWN) expect(stdout).toMatch(new RegExp(`^  ${command} +[A-Z]`, 'm'));
    expect(stdout).not.toMatch(/^ {2}[a-z]+-[a-z-]+ /m);
  });

  test.each([
    ['help', '--help'],
    ['help plan', 'plan --help'],
    ['help sandbox up', 'sandbox up --help'],
    ['version', '--version'],
  ])('%s is %s', async (words, flag) => {
    const { stdout } = await exits(0, fixRoles(flag.split(' ')));
    expect(await fixRoles(words.split(' '))).toEqual({ code: 0, stdout, stderr: '' });
  });

  test('of every command has examples', async () => {
    const { commands } = await Config.load(fileURLToPath(new URL('../..', import.meta.url)));
    expect(commands.filter(({ examples = [] }) => examples.length === 0).map(({ id }) => id)).toEqual([]);
  });

  test.each(OWN)('of %s has examples and exit codes', async (command) => {
    const { stdout } = await exits(0, fixRoles([command, '--help']));
    expect(stdout).toContain(`$ fix-roles ${command}`);
    expect(stdout).toMatch(/EXAMPLES\n/);
    expect(stdout).toMatch(/EXIT CODES\n {2}0 +[\s\S]*\n {2}64 +usage error\n {2}130 /);
  });

  test('names the version, and the commit that the build noted', async () => {
    const { stdout } = await exits(0, fixRoles(['--version']));
    const noted = await readFile(new URL('../../dist/commit.txt', import.meta.url), 'utf8').catch(() => '');
    const commit = noted === '' ? '' : ` commit-${noted.trim()}`;
    expect(stdout).toBe(
      `fix-roles/1.0.0 ${process.platform}-${process.arch} node-${process.version}${commit}\n`,
    );
    expect(await fixRoles(['-V'])).toEqual({ code: 0, stdout, stderr: '' });
  });

  test.each(['crypto', 'zlib'])('the version is said without loading Node’s %s', async (name) => {
    const atExit = 'process.on(`exit`,()=>console.error(process.moduleLoadList.join()))';
    const NODE_OPTIONS = `--import=data:text/javascript,${atExit}`;
    const { stderr } = await exits(0, fixRoles(['--version'], { env: { NODE_OPTIONS } }));
    expect(stderr).toContain('NativeModule fs,');
    expect(stderr).not.toContain(`NativeModule ${name},`);
  });

  test.each(['--help', '--version', 'plan --help', 'schema plan', 'show no-such-file'])(
    '%s loads no driver',
    async (line) => {
      const { stderr } = await fixRoles(line.split(' '), { env: { NODE_DEBUG: 'module' } });
      expect(stderr).toContain('/dist/chunks/');
      expect(stderr).not.toMatch(/node_modules\/(mongodb|pg|pg-cursor)\//);
    },
  );
});

describe('configuration', () => {
  test('databases that cannot be reached are both named, long before the half minute of the driver', async () => {
    const env = {
      // Port 9 of this machine refuses at once.
      MONGODB_URI: 'mongodb://user:canary@127.0.0.1:9/?replicaSet=rs0',
      DB_NAME: 'teams',
      POSTGRES_URL: 'postgres://user:canary@127.0.0.1:9/roles',
    };
    const begun = performance.now();
    const { stdout, stderr } = await exits(1, fixRoles(['plan', '--json'], { env }));
    expect(performance.now() - begun).toBeLessThan(20_000);
    expect(stderr).toContain('connecting to MongoDB at 127.0.0.1:9: ');
    expect(stderr).toContain('connecting to PostgreSQL at 127.0.0.1:9');
    expect(JSON.parse(stdout)).toMatchObject({ error: { kind: 'operational', exitCode: 1 } });
    expect(stdout + stderr).not.toContain('canary');
  });
});

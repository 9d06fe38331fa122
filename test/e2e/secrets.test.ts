import { afterAll, describe, expect, test, vi } from 'vitest';
import { makeKey } from '../signing-keys.js';
import { GuardedServers } from './guarded-servers.js';
import { hunt, hunted, type Hunted } from './password-hunt.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const servers = await GuardedServers.start();
afterAll(() => servers.stop());

/** The lines of `--verbose`, without their time. */
function details({ stderr }: Hunted): string[] {
  return stderr.split('\n').flatMap((line) => /^ *\d+\.\d{3} s {2}(.*)$/.exec(line)?.[1] ?? []);
}

const CONFIGURED =
  /^Configuration read: MongoDB database teams; PostgreSQL 127\.0\.0\.1:\d+, database postgres, user keeper, sslmode disable$/;
const CONNECTED = [
  /^Connected: MongoDB 127\.0\.0\.1:\d+, replicaSet rs0$/,
  /^Connected: PostgreSQL 127\.0\.0\.1:\d+$/,
];
const VERIFIED = /^Plan verified: \d+ teams with changes$/;
const RECEIPT_READ = /^Receipt read: \d+ teams, 1 runs$/;
const PLANNED = /^Planned: \d+ teams read$/;

/** Every command with `--verbose`, and the lines that it has to say besides who it is, in their order. */
const VERBOSE: readonly (readonly [string, ...RegExp[]])[] = [
  ['doctor --verbose', CONFIGURED, /^Examined both stores: \d+ checks$/],
  ['init -o - --verbose', CONFIGURED, ...CONNECTED, /^Looked at 3 collections and 1 tables$/],
  ['plan --verbose -o plan.json --force', CONFIGURED, ...CONNECTED, PLANNED],
  ['plan --json --verbose', CONFIGURED, ...CONNECTED, PLANNED],
  ['approve plan.json --key key --verbose', VERIFIED],
  ['show plan.json --json --verbose', VERIFIED],
  ['verify plan.json --verbose', VERIFIED, CONFIGURED, ...CONNECTED, /^Compared with the databases$/],
  ['diff plan.json plan.json --json --verbose', /^Both plans verified$/],
  [
    'apply plan.json --yes --verbose --max-removals 1000',
    ...[VERIFIED, CONFIGURED, /^Connected: MongoDB 127\.0\.0\.1:\d+, replicaSet( rs0)?$/],
    ...[/^Checked: \d+ teams to apply, 0 drifted$/, /^Team [0-9a-f]{24}: applied$/],
  ],
  ['show plan.json.receipt.jsonl --verbose', RECEIPT_READ],
  [
    'revert plan.json.receipt.jsonl -o revert.json --verbose',
    ...[RECEIPT_READ, CONFIGURED, ...CONNECTED, PLANNED],
  ],
  [
    'apply revert.json --of plan.json.receipt.jsonl --yes --json --verbose --max-removals 1000',
    ...[VERIFIED, CONFIGURED, /^Connected: /, /^Checked: /, /^Team [0-9a-f]{24}: applied$/],
  ],
  ['schema config --verbose'],
  ['completion bash --verbose'],
];

describe.each(['url', 'parts'] as const)('passwords given as %s', (given) => {
  test('are in nothing that a good run leaves or shows', async () => {
    await hunt(servers, given, async ({ place, env }) => {
      const endings: Record<string, number | null> = {};
      for (const line of [
        'plan -o plan.json',
        'show plan.json --format html -o plan.html',
        'show plan.json --format markdown -o plan.md',
        'show plan.json',
        'verify plan.json --reproduce --json',
        'apply plan.json --yes --max-removals 1000',
        'show plan.json.receipt.jsonl',
        'show plan.json.receipt.jsonl --json',
        'revert plan.json.receipt.jsonl -o revert.json',
        'show revert.json',
        'apply revert.json --of plan.json.receipt.jsonl --yes --max-removals 1000',
      ])
        endings[line] = (await hunted(line.split(' '), env, place)).code;
      expect(Object.entries(endings).filter(([, code]) => code !== 0)).toEqual([]);
    });
  });

  test('are in nothing that --verbose says, of any command, and it says what is being done', async () => {
    await hunt(servers, given, async ({ place, env }) => {
      await makeKey(place.cwd, 'key');
      for (const [line, ...expected] of VERBOSE) {
        const run = await hunted(line.split(' '), env, place);
        expect(run.code, `${line}\n${run.stderr}`).toBe(0);
        const [first, ...said] = details(run);
        expect(first, line).toMatch(/^fix-roles\/\S+, Node v\d/);
        for (const wanted of expected) {
          const at = said.findIndex((detail) => wanted.test(detail));
          expect(at, `${line}: ${String(wanted)} in\n${said.join('\n')}`).toBeGreaterThanOrEqual(0);
          said.splice(0, at + 1);
        }
      }
    });
  });
});

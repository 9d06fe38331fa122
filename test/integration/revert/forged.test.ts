import { chmod, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { withDigest } from '../../unit/files/reading.js';
import { swap } from '../../unit/files/spoil.js';
import { BYSTANDER, PEOPLE, teamId } from '../apply/broken-team.js';
import { receiptOf, stageWith } from '../apply/stage.js';

let receipt: string;
let revert: string;

const stage = await stageWith(1, 2);
beforeEach(async () => {
  receipt = await stage.applied(await stage.plan());
  revert = await stage.revert(receipt);
});

/** Writes the revert plan with something forged and the digest that belongs to that. The reader has nothing to object to. */
async function forge(change: (plan: string) => string): Promise<string> {
  const path = join(stage.folder, `forged-${Math.random().toString(36).slice(2)}.json`);
  await writeFile(path, withDigest(Buffer.from(change(await readFile(revert, 'utf8')))), { mode: 0o600 });
  await stage.read(path, () => Promise.resolve());
  return path;
}

/** Changes the line of one user in team 1. */
function inLineOf(person: string, change: (line: string) => string): (plan: string) => string {
  return (plan) => {
    const [head = '', tail = ''] = plan.split(`{"team":{"id":"${teamId(1)}"`);
    const forged = tail.replace(new RegExp(`\\{"user":"${person}".*\\n`), (line) => change(line));
    if (forged === tail) throw new Error('nothing was forged');
    return `${head}{"team":{"id":"${teamId(1)}"${forged}`;
  };
}

/** Another text in the line of one user in team 1. */
const swapped = (person: string, from: string, to: string) =>
  inLineOf(person, (line) => line.replaceAll(from, to));

const FORGERIES: readonly (readonly [string, (plan: string) => string])[] = [
  ['gives another role back', swapped(PEOPLE.extra, '"admin"', '"owner"')],
  ['is about another user', swapped(PEOPLE.noDocument, PEOPLE.noDocument, BYSTANDER)],
  ['alters a row that comes back', swapped(PEOPLE.extra, '"$numberInt":"3"', '"$numberInt":"4"')],
  ['alters a column that comes back', swapped(PEOPLE.extra, '.010203+00', '.010204+00')],
  ['alters a row as it was before', swapped(PEOPLE.former, 'some \\"error\\"', 'none')],
  [
    'deletes another document',
    inLineOf(PEOPLE.creator, (line) =>
      line
        .replaceAll(/"_id":\{"\$oid":"[0-9a-f]{20}/g, `"_id":{"$oid":"${'1'.repeat(20)}`)
        .replaceAll(/(?<="id":")[0-9a-f]{20}/g, '1'.repeat(20)),
    ),
  ],
  ['names a policy of its own', (plan) => swap(plan, '"outsiders":"deactivate"', '"outsiders":"delete"')],
];

describe('a forged revert plan', () => {
  test.each(FORGERIES)('that %s is refused, and nothing is written', async (_name, change) => {
    const forged = await forge(change);
    const before = await stage.contents();
    const failure = await stage.failure('refused', forged, { of: receipt });
    expect(failure.text.doing).toBe('proving by the receipt what the revert plan takes back');
    expect(await stage.contents()).toEqual(before);
  });

  test('is refused with a receipt that was forged along with it', async () => {
    const other = join(stage.folder, 'forged.receipt.jsonl');
    const text = await readFile(receipt, 'utf8');
    await writeFile(other, text.replaceAll(PEOPLE.extra, BYSTANDER), { mode: 0o600 });
    expect((await stage.failure('refused', revert, { of: other })).text.problem).toContain(
      'the receipt is sha256:',
    );
  });

  test('is refused with the receipt of another plan', async () => {
    await stage.breakTeams(1);
    const path = await stage.plan();
    await stage.apply(path);
    await stage.failure('refused', revert, { of: receiptOf(path) });
  });

  test('that names the digest of another plan is refused', async () => {
    const forged = await forge((plan) =>
      swap(plan, /"reverts":\{"plan":"sha256:[0-9a-f]{64}/, `"reverts":{"plan":"sha256:${'0'.repeat(64)}`),
    );
    expect((await stage.failure('refused', forged, { of: receipt })).text.problem).toContain(
      'is of the plan',
    );
  });
});

test('a revert plan needs a receipt, and no other plan has one', async () => {
  await stage.failure('usage', revert);
  await stage.failure('usage', await stage.plan(), { of: receipt });
});

test('a receipt that somebody else may write, or that is a link, proves nothing', async () => {
  await chmod(receipt, 0o666);
  await stage.failure('refused', revert, { of: receipt });
  await chmod(receipt, 0o600);
  const link = join(stage.folder, 'link.jsonl');
  await symlink(receipt, link);
  await stage.failure('refused', revert, { of: link });
});

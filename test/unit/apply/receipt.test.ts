import { execFile } from 'node:child_process';
import { appendFile, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  completedRun,
  hasBegun,
  readReceiptHistory,
  type ReceiptHistory,
} from '../../../src/files/receipt/history.js';
import { openReceipt, readReceiptLines, type ReceiptLine } from '../../../src/files/receipt/reader.js';
import type { ReceiptEvent } from '../../../src/files/receipt/schema.js';
import { ReceiptWriter } from '../../../src/files/receipt/writer.js';
import { failureOf } from '../../failure.js';
import { all } from '../files/reading.js';
import { AS_OF } from '../files/sample-plan.js';
import { ownFolder } from '../../own-folder.js';
import { end, RUN } from '../views/sample-receipt.js';

const OTHER_PLAN = `sha256:${'2'.repeat(64)}`;
const TEAM = '7ea300000000000000000001';
const OTHER_TEAM = '7ea300000000000000000002';
const LSID = 'ab'.repeat(16);

const run = (plan = RUN.plan): ReceiptEvent => ({ ...RUN, plan });
const session: ReceiptEvent = { event: 'session', at: AS_OF, lsid: LSID };
const intent = (team = TEAM): ReceiptEvent => ({ event: 'intent', at: AS_OF, team, changes: [] });
const outcome = (kind: 'applied' | 'failed' | 'half-done', team = TEAM): ReceiptEvent => ({
  event: 'outcome',
  at: AS_OF,
  team,
  outcome: kind,
  problem: kind === 'applied' ? null : 'no room',
});

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await ownFolder();
  path = join(folder, 'plan.json.receipt.jsonl');
});

/** Appends events as one run of the tool would. */
async function write(...events: readonly ReceiptEvent[]): Promise<void> {
  const writer = await ReceiptWriter.open(path);
  for (const event of events) await writer.append(event);
  await writer.close();
}

/** Cuts off the end of the receipt, as a crash in the middle of a write does. */
async function tear(bytes: number): Promise<void> {
  await truncate(path, (await stat(path)).size - bytes);
}

async function lines(): Promise<ReceiptLine[]> {
  const file = await openReceipt(path);
  if (file === null) return [];
  try {
    return await all(readReceiptLines(path, file));
  } finally {
    await file.close();
  }
}

function history(): Promise<ReceiptHistory> {
  return readReceiptHistory(path, RUN.plan);
}

describe('writing', () => {
  it('is one JSON line an event, in the order in which they came, for nobody else to read', async () => {
    const events = [run(), session, intent(), outcome('applied'), end('complete')];
    await write(...events);
    const text = await readFile(path, 'utf8');
    expect(text).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('takes events that come at the same time, each on a line of its own', async () => {
    const writer = await ReceiptWriter.open(path);
    const teams = Array.from({ length: 50 }, (_, index) => `7ea3${String(index).padStart(20, '0')}`);
    await writer.append(run());
    await Promise.all(teams.map((team) => writer.append(intent(team))));
    await writer.close();
    expect([...(await history()).teams.keys()]).toEqual(teams);
  });

  it('appends to what is there', async () => {
    await write(run(), intent(), outcome('failed'), end('incomplete'));
    const first = await readFile(path, 'utf8');
    await write(run(), intent(), outcome('applied'), end('complete'));
    expect((await readFile(path, 'utf8')).startsWith(first)).toBe(true);
    expect((await history()).runs.map(({ result }) => result)).toEqual(['incomplete', 'complete']);
  });

  it('follows no symbolic link', async () => {
    await writeFile(join(folder, 'precious'), '');
    await symlink(join(folder, 'precious'), path);
    expect((await failureOf(ReceiptWriter.open(path))).kind).toBe('operational');
    expect(await readFile(join(folder, 'precious'), 'utf8')).toBe('');
  });

  it.each([
    ['plan.json.receipt.jsonl', 'it is a symbolic link'],
    ['no/such/folder.jsonl', 'its folder does not exist'],
  ])('says why there can be no %s', async (name, problem) => {
    await symlink(join(folder, 'precious'), path);
    expect((await failureOf(ReceiptWriter.open(join(folder, name)))).text.problem).toBe(problem);
  });
});

describe('a line that nothing waits for', () => {
  let writer: ReceiptWriter;
  beforeEach(async () => {
    writer = await ReceiptWriter.open(path);
  });
  const kinds = async (): Promise<string[]> =>
    (await readFile(path, 'utf8')).match(/(?<=^{"event":")[a-z]+(?=".*\n)/gm) ?? [];

  it('comes to disk by itself', async () => {
    await writer.appendSoon(outcome('applied'));
    expect(await kinds()).toEqual(['outcome']);
    await writer.close();
  });

  it('goes before the next one, and with it', async () => {
    const soon = writer.appendSoon(outcome('applied'));
    await writer.append(intent(OTHER_TEAM));
    expect(await kinds()).toEqual(['outcome', 'intent']);
    await soon;
    await writer.close();
  });

  it('is not lost at the end', async () => {
    const soon = writer.appendSoon(outcome('applied'));
    await writer.close();
    await soon;
    expect(await kinds()).toEqual(['outcome']);
  });
});

describe('reading', () => {
  it('finds nothing where there is no receipt', async () => {
    const nothing = await history();
    expect(nothing).toEqual({ runs: [], teams: new Map() });
    expect(hasBegun(nothing)).toBe(false);
    expect(completedRun(nothing)).toBeUndefined();
  });

  it.each([
    ['a folder', 'mkdir', 'it is a folder'],
    ['a pipe, whose writer it would wait for', 'mkfifo', 'it is not a regular file'],
  ])('refuses %s', async (_, make, problem) => {
    await promisify(execFile)(make, [path]);
    const { kind, text } = await failureOf(history());
    expect([kind, text.problem]).toEqual(['operational', problem]);
  });

  it('gives back what was written', async () => {
    const events = [run(), session, intent(), outcome('half-done'), end('incomplete')];
    await write(...events);
    expect(await lines()).toMatchObject(events.map((event, index) => ({ number: index + 1, event })));
  });

  it.each([
    ['an event that does not exist', '{"event":"party"}'],
    ['an unknown field', JSON.stringify({ ...end('complete'), note: 1 })],
    ['a wrong value', '{"event":"end","at":"yesterday","result":"complete"}'],
    ['no object', '7'],
  ])('refuses %s, naming the line', async (_, line) => {
    await write(run());
    await appendFile(path, `${line}\n`);
    const failure = await failureOf(history());
    expect(failure.kind).toBe('refused');
    expect(failure.text.problem).toContain('line 2');
  });

  it('refuses what stands before any run, and the plan itself', async () => {
    await writeFile(path, `${JSON.stringify(intent())}\n`);
    expect((await failureOf(history())).kind).toBe('refused');
    await writeFile(path, '{\n"format":"fix-roles/plan","formatVersion":2,\n');
    expect((await failureOf(history())).kind).toBe('refused');
  });

  it('refuses the receipt of another plan, naming both', async () => {
    await write(run(OTHER_PLAN), end('complete'));
    const { kind, text } = await failureOf(history());
    expect(kind).toBe('refused');
    expect(text.problem).toContain(RUN.plan);
    expect(text.problem).toContain(OTHER_PLAN);
  });

  it('refuses a receipt into which the run of another plan was put', async () => {
    await write(run(), end('complete'));
    await write(run(OTHER_PLAN), end('complete'));
    expect((await failureOf(history())).kind).toBe('refused');
  });
});

describe('a line that a crash has torn', () => {
  const whole = JSON.stringify(outcome('applied')).length + 1;

  it.each([1, 2, 20, whole - 1])(
    'of which %i bytes are lost never took effect, and spoils nothing that later runs write',
    async (lost) => {
      await write(run(), intent(OTHER_TEAM), outcome('failed', OTHER_TEAM), intent(), outcome('applied'));
      await tear(lost);
      // Only the line break is lost: the line itself is whole.
      expect((await history()).teams.get(TEAM)).toBe(lost === 1 ? 'applied' : 'begun');
      await write(run(), intent(), outcome('applied'), end('complete'));
      await write(run(), end('complete'));
      const { runs, teams } = await history();
      expect(runs.map(({ result }) => result)).toEqual([null, 'complete', 'complete']);
      expect(Object.fromEntries(teams)).toEqual({ [OTHER_TEAM]: 'failed', [TEAM]: 'applied' });
    },
  );

  it('may be torn again and again', async () => {
    for (let crash = 0; crash < 3; crash++) {
      await write(run(), intent());
      await tear(10);
    }
    await write(run(), end('complete'));
    expect((await history()).runs.map(({ result }) => result)).toEqual([null, null, null, 'complete']);
    const events = (await lines()).map(({ event }) => event.event).join(' ');
    expect(events).toBe('run run run run end');
  });

  it('is damage where something was written after it in the same run', async () => {
    await write(run());
    await appendFile(path, '{"event":"int\n');
    await appendFile(path, `${JSON.stringify(end('complete'))}\n`);
    expect((await failureOf(history())).text.problem).toContain('line 2');
  });
});

describe('the history', () => {
  it('says of a team what was said last, and an intent alone is a team that was begun', async () => {
    await write(run(), intent(), outcome('failed'), intent(), intent(OTHER_TEAM));
    const { teams } = await history();
    expect(Object.fromEntries(teams)).toEqual({ [TEAM]: 'begun', [OTHER_TEAM]: 'begun' });
    await write(run(), intent(), outcome('applied'));
    expect((await history()).teams.get(TEAM)).toBe('applied');
  });

  it('names the sessions of runs that never ended, and of those alone', async () => {
    await write(run(), session, end('interrupted'));
    await write(run(), { ...session, lsid: 'cd'.repeat(16) });
    await write(run());
    const { runs } = await history();
    expect(runs.map(({ sessions }) => sessions)).toEqual([[], ['cd'.repeat(16)], []]);
  });

  it('knows the last run that was complete, whatever came after it', async () => {
    await write(run(), end('incomplete'));
    expect(completedRun(await history())).toBeUndefined();
    await write(run(), end('complete'));
    await write(run(), end('interrupted'));
    expect(completedRun(await history())).toMatchObject({ who: 'ann@desk', result: 'complete' });
  });

  it('counts as begun as soon as a team has an intent, not with the run or its sessions', async () => {
    await write(run(), session);
    expect(hasBegun(await history())).toBe(false);
    await write(run(), intent());
    expect(hasBegun(await history())).toBe(true);
  });
});

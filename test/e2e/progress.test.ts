import { execFileSync } from 'node:child_process';
import { copyFile, open, readFile, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Stage } from '../integration/apply/stage.js';
import { emptyDirectory, exits, fixRoles } from './cli.js';
import { onTerminal } from './on-terminal.js';

const EXAMPLE = fileURLToPath(new URL('../../plans/example.plan.json', import.meta.url));
/** What a terminal is told before anything is drawn on its line. */
const DRAWING = '\u001b7';
const CLEARED = '\u001b[2K';
const CTRL_C = '\u0003';
const NEVER = '(never shown)';

function unasked(cwd: string, args: string): ReturnType<typeof onTerminal> {
  return onTerminal({}, cwd, args, NEVER, '');
}

/** What stays on the screen: nothing of a line that was cleared, and of no terminal that hides its cursor or does not wrap. */
function expectGone(screen: string, shown: string): void {
  expect(screen).toContain(shown);
  const afterwards = screen.slice(screen.lastIndexOf(shown));
  expect(afterwards).toContain(CLEARED);
  expect(screen).not.toContain('\u001b[?');
}

describe('a file that takes more than a second to come', () => {
  /** The example plan and a pipe to send it through. */
  async function withPipes(...names: readonly string[]): Promise<string> {
    const folder = await emptyDirectory();
    await copyFile(EXAMPLE, join(folder, 'plan.json'));
    for (const name of names) execFileSync('mkfifo', [join(folder, name)]);
    return folder;
  }

  /** Sends the first half, once somebody reads; the pipe stays open. */
  async function begun(pipe: string): Promise<FileHandle> {
    const writer = await open(pipe, 'w');
    const plan = await readFile(EXAMPLE);
    await writer.write(plan.subarray(0, plan.length / 2));
    return writer;
  }

  async function finish(writer: FileHandle): Promise<void> {
    const plan = await readFile(EXAMPLE);
    await writer.write(plan.subarray(plan.length / 2));
    await writer.close();
  }

  test('is shown on a terminal to whoever wants it, and to nobody else', async () => {
    const folder = await withPipes('a', 'b', 'c', 'd', 'e');
    const silent = [];
    const writers: FileHandle[] = [];
    // The silent ones begin first: when the other one has drawn something, their second has passed too.
    for (const [pipe, flags] of [
      ['a', '--no-progress'],
      ['b', '--quiet'],
      ['c', '--json'],
      ['d', '2> errors.txt'],
    ] as const) {
      silent.push(unasked(folder, `diff ${pipe} plan.json ${flags}`));
      writers.push(await begun(join(folder, pipe)));
    }
    const shown = onTerminal({}, folder, 'diff e plan.json', ' MB, ', async () => {
      for (const writer of writers) await finish(writer);
    });
    writers.push(await begun(join(folder, 'e')));

    for (const { code, screen } of await Promise.all(silent)) {
      expect(code).toBe(0);
      expect(screen).not.toContain('Verifying');
      expect(screen).not.toContain(DRAWING);
    }
    expect(await readFile(join(folder, 'errors.txt'), 'utf8')).toBe('');
    const { code, screen } = await shown;
    expect(code).toBe(0);
    expect(screen).toMatch(/Verifying the old plan 0\.0 MB, \d+\.\d MB a second, \d+s so far/);
    expectGone(screen, 'Verifying the old plan');
    expect(screen.slice(screen.lastIndexOf(CLEARED))).toContain('The two plans are the same, byte for byte.');
  });

  test('can be interrupted; the terminal is left as it was', async () => {
    const folder = await withPipes('a');
    const run = onTerminal({}, folder, 'diff a plan.json', 'Verifying the old plan', CTRL_C);
    const writer = await begun(join(folder, 'a'));
    const { code, screen } = await run;
    await writer.close();
    expect(code).toBe(130);
    expect(screen).not.toContain('\u001b[?');
  });

  test('disappears before an error is said', async () => {
    const folder = await withPipes('a');
    const writer = begun(join(folder, 'a'));
    const { code, screen } = await onTerminal({}, folder, 'diff a plan.json', ' MB, ', async () =>
      (await writer).close(),
    );
    expect(code).toBe(4);
    expectGone(screen, 'Verifying the old plan');
    expect(screen.slice(screen.lastIndexOf(CLEARED))).toContain('the file was cut off');
  });
});

test.each(['show plan.json --no-pager', 'show plan.json -o shown.txt', 'diff plan.json plan.json'])(
  'nothing is drawn by %s, which is quick',
  async (args) => {
    const folder = await emptyDirectory();
    await copyFile(EXAMPLE, join(folder, 'plan.json'));
    const { code, screen } = await unasked(folder, args);
    expect(code).toBe(0);
    expect(screen).not.toContain(DRAWING);
    expect(screen).not.toContain('\u001b[?');
  },
);

describe('with databases that keep it waiting', () => {
  let stage: Stage;
  let folder: string;

  beforeAll(async () => {
    stage = await Stage.open();
    await stage.breakTeams(1, 2, 3);
    folder = stage.folder;
    await exits(0, fixRoles(['plan', '-q', '-o', 'plan.json'], { env: stage.databases.env, cwd: folder }));
  });
  afterAll(() => stage.close());

  async function unlock(): Promise<void> {
    await stage.databases.pg.query('ROLLBACK');
  }

  /** Nobody can read the roles before `seen` is on the screen and `then` was done. */
  async function whileLocked(
    args: string,
    seen: string,
    then: Parameters<typeof onTerminal>[4] = unlock,
  ): ReturnType<typeof onTerminal> {
    const { pg, env } = stage.databases;
    await pg.query('BEGIN; LOCK TABLE postgres_user_roles IN ACCESS EXCLUSIVE MODE');
    try {
      return await onTerminal(env, folder, args, seen, then);
    } finally {
      await pg.query('ROLLBACK');
    }
  }

  test.each([
    // How many a server makes of a collection that was just filled is its own affair.
    ['plan -o all.json', 'Reading [------------------------] 0 of about '],
    ['plan -o part.json --shard 0/3', 'Reading [------------------------] 0 of about '],
    ['verify plan.json', 'Comparing [------------------------] 0 of 3 teams'],
    ['verify plan.json --reproduce', 'Reading [------------------------] 0 of about '],
  ])('%s shows: %s', async (args, line) => {
    const { code, screen } = await whileLocked(args, line);
    expect(code).toBe(0);
    expectGone(screen, line);
  });

  test('it is gone before the loss of a connection is said', async () => {
    const { code, screen } = await whileLocked('plan -o lost.json', 'Reading [', async () => {
      await stage.databases.pg.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    });
    expect(code).toBe(1);
    expectGone(screen, 'Reading [');
    expect(screen.slice(screen.lastIndexOf(CLEARED))).toContain('✗');
  });

  test('it is gone when reading was interrupted', async () => {
    const { code, screen } = await whileLocked('plan -o interrupted.json', 'Reading [', CTRL_C);
    expect(code).toBe(130);
    expectGone(screen, 'Reading [');
  });

  test('apply says that it is paused and goes on; then revert shows how far it is', async () => {
    await writeFile(join(folder, 'pause'), '');
    const line = 'Applying [------------------------] 0 of 3 teams, paused';
    const applied = await onTerminal(
      stage.databases.env,
      folder,
      'apply plan.json --yes --pause-file pause',
      line,
      () => rm(join(folder, 'pause')),
    );
    expect(applied.code).toBe(0);
    expectGone(applied.screen, line);
    expect(applied.screen).toMatch(/^Paused: no team is begun while pause exists\./m);

    const reading = 'Reading [------------------------] 0 of 3 teams';
    const reverted = await whileLocked('revert plan.json.receipt.jsonl -o revert.json', reading);
    expect(reverted.code).toBe(0);
    expectGone(reverted.screen, reading);
  });
});

import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectId } from 'mongodb';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { linkOf, PEOPLE, teamId } from '../integration/apply/broken-team.js';
import { endOf, receiptOf, stageWith } from '../integration/apply/stage.js';
import { BIN, emptyDirectory, exits, fixRoles, type Run } from './cli.js';

let folder: string;
let path: string;

const stage = await stageWith(1, 2, 3);
const env = stage.databases.env;
beforeEach(async () => {
  folder = await emptyDirectory();
  path = join(folder, 'plan.json');
  await exits(0, fixRoles(['plan', '-q', '-o', path], { env }));
});

/** The same command without a signal. */
function applyToTheEnd(): Promise<Run> {
  return fixRoles(['apply', path, '--yes'], { env });
}

describe('a signal', () => {
  /** Holds a document of team 1, so that it stays in flight until it is let go. */
  async function holdTeam(): Promise<() => Promise<void>> {
    const session = stage.databases.mongoClient.startSession();
    session.startTransaction();
    const _id = new ObjectId(linkOf(1, PEOPLE.former));
    const roles = stage.databases.mongo.collection('user_roles');
    await roles.updateOne({ _id }, { $set: { held: true } }, { session });
    return async () => {
      await session.abortTransaction();
      await session.endSession();
    };
  }

  /** Starts an apply of one team at a time, and waits until the first team is in flight. */
  async function startApply(): Promise<ChildProcess> {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [BIN, 'apply', path, '--yes', '--concurrency', '1'], {
      cwd: folder,
      env: { PATH, HOME, ...env },
    });
    onTestFinished(() => {
      child.kill('SIGKILL');
    });
    for (;;) {
      const receipt = await readFile(receiptOf(path), 'utf8').catch(() => '');
      if (receipt.includes('"event":"session"')) return child;
      if (child.exitCode !== null) throw new Error('it ended before it began a team');
    }
  }

  /** Waits for a word of the tool on stderr. */
  function told(child: ChildProcess, word: string): Promise<void> {
    return new Promise((resolve) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        if (chunk.includes(word)) resolve();
      });
    });
  }

  function ended(child: ChildProcess): Promise<number | null> {
    return new Promise((resolve) => child.on('close', resolve));
  }

  test.each(['SIGINT', 'SIGTERM'] as const)(
    '%s lets the team in flight finish, ends with 130, and the same command does the rest',
    async (signal) => {
      const letGo = await holdTeam();
      const child = await startApply();
      const [interrupted, end] = [told(child, 'Interrupted'), ended(child)];
      child.kill(signal);
      await interrupted;
      await letGo();
      expect(await end).toBe(130);
      const events = await stage.receipt(receiptOf(path));
      expect(events.flatMap((event) => (event.event === 'outcome' ? [event.team] : []))).toEqual([teamId(1)]);
      expect(events.at(-1)).toMatchObject({ event: 'end', result: 'interrupted' });
      await exits(0, applyToTheEnd());
    },
  );

  test('a second one stops at once, and the next run finds out what is where', async () => {
    const letGo = await holdTeam();
    const child = await startApply();
    const [interrupted, end] = [told(child, 'Interrupted'), ended(child)];
    child.kill('SIGINT');
    await interrupted;
    child.kill('SIGINT');
    expect(await end).toBe(130);
    await letGo();
    const report = await stage.apply(path, { retryForMs: 120_000 });
    expect(endOf(report)).toBe('complete: applied, applied, applied');
  });

  test('SIGKILL leaves nothing that the next run does not clear up', async () => {
    const letGo = await holdTeam();
    const child = await startApply();
    const end = ended(child);
    child.kill('SIGKILL');
    await end;
    await letGo();
    const { stderr } = await exits(0, applyToTheEnd());
    expect(stderr).toContain(
      'An earlier run may have left transactions open in MongoDB, which was told to end them',
    );
  });
});

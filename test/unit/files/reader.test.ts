import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readPlan, type VerifiedPlan } from '../../../src/files/plan/reader.js';
import { ownFolder } from '../../own-folder.js';
import { failureOf } from '../../failure.js';
import { all, readBytes, refusalOf, withDigest } from './reading.js';
import { AT, NOW, samplePlan } from './sample-plan.js';

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await ownFolder();
  path = join(folder, 'plan.json');
  await writeFile(path, await samplePlan(), { mode: 0o600 });
});
afterEach(() => void vi.unstubAllEnvs());

function read(file: string, trust: 'strict' | 'any' = 'strict'): Promise<VerifiedPlan> {
  return readPlan({ kind: 'file', path: file, trust }, { now: NOW });
}

describe('a verified plan', () => {
  test('is what was verified, whatever becomes of the file', async () => {
    const plan = await read(path);
    const before = await all(plan.teams());
    await writeFile(path, (await samplePlan()).toString().replaceAll('member', 'owner!'));
    expect(await all(plan.teams())).toEqual(before);
    await rm(path);
    expect(await all(plan.teams())).toEqual(before);
    await plan.close();
  });

  test('can be read again and again, and only in part', async () => {
    const plan = await read(path);
    for await (const team of plan.teams()) {
      expect(team.decisions).toHaveLength(3);
      break;
    }
    expect(await all(plan.teams())).toEqual(await all(plan.teams()));
    expect(await all(plan.findings())).toHaveLength(17);
    expect(await all(plan.blocked())).toHaveLength(1);
    await plan.close();
    await plan.close();
  });

  test('leaves no name in the folder for temporary files', async () => {
    const temporary = join(folder, 'tmp');
    await mkdir(temporary);
    vi.stubEnv('TMPDIR', temporary);
    const plan = await read(path);
    expect(await readdir(temporary)).toEqual([]);
    expect(await all(plan.teams())).toHaveLength(4);
    await plan.close();
  });

  test('says so where there is no room for temporary files', async () => {
    vi.stubEnv('TMPDIR', join(folder, 'nowhere'));
    expect((await failureOf(read(path))).kind).toBe('operational');
  });
});

describe('a file that is not trusted', () => {
  const problemOf = async (file: string, trust?: 'any'): Promise<string[]> => {
    const { kind, text } = await failureOf(read(file, trust));
    return [kind, text.problem];
  };

  test('is a symbolic link', async () => {
    const link = join(folder, 'link');
    await symlink(path, link);
    expect(await problemOf(link)).toEqual(['refused', 'it is a symbolic link']);
    await (await read(link, 'any')).close();
  });

  test('is one that everybody may change', async () => {
    await chmod(path, 0o602);
    expect(await problemOf(path)).toEqual(['refused', 'everybody on this machine may change it']);
    await (await read(path, 'any')).close();
  });

  test('is a pipe, without waiting for its writer', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    expect(await problemOf(join(folder, 'pipe'))).toEqual(['refused', 'it is not a regular file']);
  });

  test('is a folder, even where anything else would do, or none at all', async () => {
    expect(await problemOf(folder, 'any')).toEqual(['refused', 'it is a folder']);
    expect(await problemOf(join(folder, 'nothing.json'))).toEqual(['operational', 'there is no such file']);
  });
});

describe('limits', () => {
  test('hold for the length of a line', async () => {
    expect(await refusalOf(await samplePlan(), { lineBytes: 500 })).toBe('line 8 is longer than 500 bytes');
  });

  test('hold for the length of a file, before it is read to its end', async () => {
    let asked = 0;
    function* endless() {
      for (;;) {
        asked += 1;
        yield Buffer.from(`${'x'.repeat(1023)}\n`);
      }
    }
    const stream = Readable.from(endless());
    const reading = readPlan({ kind: 'stdin', stream }, { now: NOW, limits: { fileBytes: 10 } });
    expect((await failureOf(reading)).text.problem).toBe('line 1 lies beyond 10 bytes');
    expect(asked).toBeLessThan(100);
  });

  test('hold for the clock: five minutes of difference are none', async () => {
    const stream = (): Readable => Readable.from([bytes]);
    const bytes = await samplePlan();
    const fiveMinutes = 5 * 60 * 1000;
    await (await readPlan({ kind: 'stdin', stream: stream() }, { now: AT - fiveMinutes })).close();
    const late = readPlan({ kind: 'stdin', stream: stream() }, { now: AT - fiveMinutes - 1 });
    expect((await failureOf(late)).text.problem).toBe('line 3, field asOf: lies in the future');
  });
});

/** The sample with one text in the place of another, and the digest that belongs to it. */
async function spoilt(from: string | RegExp, to: string): Promise<Buffer> {
  return withDigest(Buffer.from((await samplePlan()).toString().replace(from, to)));
}

describe('a refusal', () => {
  test('says what was done, where, why and what to do', async () => {
    const error = await failureOf(readBytes(await spoilt('"standing":"outsider"', '"standing":"owner"')));
    expect(error.text).toEqual({
      doing: 'reading the plan from standard input',
      problem: 'line 36, field standing: is not outsider',
      next: 'Do not use this file and do not mend it by hand: make a new one with fix-roles plan.',
    });
  });

  test.each([
    ['"kind":"fix"', '"kind":"unfix"', 'line 2, field kind: is not as the format has it'],
    ['"outsiders":"deactivate"', '"outsiders":"grant"', /^line 7, field policy\.outsiders: is none of/],
    ['"formatVersion":2,', '"formatVersion":2.0,', /^line 2 is not written in the one way/],
    ['"scanned":', '"scanned": ', /^line 9 is not written in the one way.* from character 31 on/],
    ['"insert":', '"insert":9', /^line 9, field summary\.changes: says/],
    [/"consistency":.*\n/, '', /^after line 4, field consistency: is missing/],
    [/"summary":.*\n/, '', /^after line 8, field summary: is missing/],
    [/,"tool":"[^"]*"/, '', /^after line 3, field tool: is missing/],
    ['"kind":"fix"', '"kind":"fix","note":1', /^line 2 has unknown fields: note/],
    ['"filter":', '"note":{"filter":1},\n"filter":', /^line 6 has unknown fields: note/],
    ['"outsiders":', '"note":1,"outsiders":', /^line 7, field policy: has unknown fields: note/],
  ])('names the line of a header: %s', async (from, to, refusal) => {
    expect(await refusalOf(await spoilt(from, to))).toMatch(refusal);
  });

  test.each([
    ['"formatVersion":2,', '"formatVersion":3,', /^Use the version of fix-roles that wrote it/],
    [/"asOf":"\d+/, '"asOf":"2999', /^Check the clock of this machine/],
  ])('says what to do about a file that is in order elsewhere: %s', async (from, to, remedy) => {
    expect((await failureOf(readBytes(await spoilt(from, to)))).text.next).toMatch(remedy);
  });

  test('quotes nothing hostile from the file', async () => {
    const bytes = await spoilt('"tool":', '"\u202e\u009b31m":1,"tool":');
    expect(await refusalOf(bytes)).toBe('line 3 has unknown fields: \ufffd\ufffd31m');
  });

  test('where the stream breaks is no judgement on the plan', async () => {
    const broken = new Readable({ read: () => broken.destroy(new Error('connection reset')) });
    const error = await failureOf(readPlan({ kind: 'stdin', stream: broken }, { now: NOW }));
    expect([error.kind, error.text.problem]).toEqual(['operational', 'connection reset']);
  });
});

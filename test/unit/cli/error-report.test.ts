import { afterEach, describe, expect, test, vi } from 'vitest';
import { endingOf } from '../../../src/cli/error-report.js';
import { Failure, type FailureKind } from '../../../src/model/failure.js';

const CONTEXT = { json: false, secrets: ['s3cret'] };

afterEach(() => {
  vi.unstubAllEnvs();
});

test.each<[FailureKind, number]>([
  ['operational', 1],
  ['refused', 4],
  ['usage', 64],
])('a failure that is %s ends with %i', (kind, exitCode) => {
  const failure = new Failure(kind, { doing: 'a', problem: 'b', next: 'c' });
  expect(endingOf(failure, CONTEXT)).toEqual({ kind: 'failure', exitCode, failure, trace: undefined });
});

describe('an unexpected error', () => {
  const cause = new Error('password s3cret refused by mongodb://u:other@h');
  const error = new TypeError('cannot read s3cret of postgres://u:other@h/d', { cause });

  test('is called a bug, without credentials and without a stack', () => {
    const ending = endingOf(error, CONTEXT);
    if (ending.kind !== 'failure') throw new Error('nothing is said');
    expect(ending.exitCode).toBe(1);
    expect(ending.failure.text.problem).toBe(
      'an unexpected error, which is a bug: TypeError: cannot read *** of postgres://***@h/d',
    );
    expect(ending.trace).toBeUndefined();
  });

  test('is traced with its causes under DEBUG, without credentials', () => {
    vi.stubEnv('DEBUG', 'fix-roles*');
    const ending = endingOf(error, CONTEXT);
    if (ending.kind !== 'failure') throw new Error('nothing is said');
    expect(ending.trace).toMatch(
      /TypeError: cannot read[\s\S]* at [\s\S]*Caused by: Error: password \*\*\* refused/,
    );
    expect(ending.trace).not.toMatch(/s3cret|other/);
  });

  test('may be anything that can be thrown', () => {
    for (const thrown of [undefined, null, 'text', 7, {}]) {
      expect(endingOf(thrown, CONTEXT)).toMatchObject({ kind: 'failure', exitCode: 1 });
    }
  });
});

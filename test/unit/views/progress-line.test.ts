import { describe, expect, test } from 'vitest';
import { progressLine, type Extent, type Stage, type Total } from '../../../src/views/progress-line.js';

const UNKNOWN: Total = { kind: 'unknown' };
const exactly = (count: number): Total => ({ kind: 'exact', count });
const about = (count: number): Total => ({ kind: 'about', count });

function teams(total: Total): Stage {
  return { activity: 'Reading', unit: 'teams', total };
}

function line(stage: Stage, done: number, seconds: number, extent: Partial<Extent> = {}): string {
  return progressLine(stage, { done, ms: seconds * 1000, state: 'going-on', ...extent }, 200);
}

describe('says how much of how much, how fast, and the time that is left', () => {
  test.each<[string, Stage, number, number, string]>([
    ['nothing yet', teams(exactly(10)), 0, 3, 'Reading [------------------------] 0 of 10 teams'],
    [
      'half of it',
      teams(exactly(2_000)),
      1_000,
      10,
      'Reading [============------------] 1,000 of 2,000 teams, 100 a second, 10 s left',
    ],
    [
      'all of it',
      teams(exactly(1)),
      1,
      4,
      'Reading [========================] 1 of 1 team, 0.3 a second, 0 s left',
    ],
    [
      'an estimate',
      teams(about(400)),
      100,
      2,
      'Reading [======------------------] 100 of about 400 teams, 50 a second, 6 s left',
    ],
    [
      'bytes',
      { activity: 'Verifying the plan', unit: 'bytes', total: exactly(400e6) },
      100e6,
      4,
      'Verifying the plan [======------------------] 100 of 400 MB, 25 MB a second, 12 s left',
    ],
    [
      'few bytes',
      { activity: 'Reading the receipt', unit: 'bytes', total: exactly(2.5e6) },
      500_000,
      1,
      'Reading the receipt [====--------------------] 0.5 of 2.5 MB, 0.5 MB a second, 4 s left',
    ],
  ])('%s', (_what, stage, done, seconds, text) => {
    expect(line(stage, done, seconds)).toBe(text);
  });
});

describe('says only what is known', () => {
  test('no bar and no time left without a total', () => {
    expect(line(teams(UNKNOWN), 1_234, 10)).toBe('Reading 1,234 teams, 123 a second, 10 s so far');
    expect(line(teams(about(0)), 5, 10)).toBe('Reading 5 teams, 0.5 a second, 10 s so far');
    const piped: Stage = { activity: 'Verifying the plan', unit: 'bytes', total: UNKNOWN };
    expect(line(piped, 50e6, 100)).toBe('Verifying the plan 50 MB, 0.5 MB a second, 1 min 40 s so far');
  });

  test('an estimate that was too low is not mentioned any more', () => {
    expect(line(teams(about(100)), 100, 10)).toContain('] 100 of about 100 teams');
    expect(line(teams(about(100)), 101, 10)).toBe('Reading 101 teams, 10 a second, 10 s so far');
  });

  test('never more than everything', () => {
    expect(line(teams(exactly(100)), 250, 10)).toBe(
      'Reading [========================] 100 of 100 teams, 10 a second, 0 s left',
    );
  });

  test('nothing infinite at the very beginning', () => {
    expect(line(teams(exactly(100)), 1, 0)).toBe(
      'Reading [------------------------] 1 of 100 teams, 0.0 a second',
    );
  });
});

test.each([
  [59, '59 s'],
  [59.2, '1 min 0 s'],
  [130, '2 min 10 s'],
  [3_600, '1 h 0 min'],
  [3_899, '1 h 5 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(line(teams(UNKNOWN), 1, seconds)).toContain(`, ${text} so far`);
});

test('says that it is paused', () => {
  const stage: Stage = { activity: 'Applying', unit: 'teams', total: exactly(10) };
  expect(line(stage, 5, 5, { state: 'paused' })).toMatch(/5 of 10 teams, 1\.0 a second, 5 s left, paused$/);
});

test('where there is little room the bar goes first', () => {
  const stage = teams(exactly(2_000));
  const extent = { done: 1_000, ms: 10_000, state: 'going-on' } as const;
  const whole = progressLine(stage, extent, 200);
  expect(progressLine(stage, extent, whole.length)).toBe(whole);
  const words = 'Reading 1,000 of 2,000 teams, 100 a second, 10 s left';
  expect(progressLine(stage, extent, whole.length - 1)).toBe(words);
  expect(progressLine(stage, extent, 20)).toBe(words.slice(0, 20));
});

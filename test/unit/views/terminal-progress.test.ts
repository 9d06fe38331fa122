import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readingProgress, type Progress, type Stage } from '../../../src/views/progress.js';
import { terminalProgress } from '../../../src/views/terminal-progress.js';

const UNKNOWN = { kind: 'unknown' } as const;
const exactly = (count: number) => ({ kind: 'exact', count }) as const;
const about = (count: number) => ({ kind: 'about', count }) as const;
const teams = (total: Stage['total']): Stage => ({ activity: 'Applying', unit: 'teams', total });
const bytes = (total: Stage['total']): Stage => ({ activity: 'Applying', unit: 'bytes', total });
const TEN = teams(exactly(10));

/** What ends a line that is drawn, and a line that is taken away. */
const DRAWN = '\u001b[0K';
const CLEARED = '\u001b[2K';

let terminal: PassThrough & { columns: number };
let progress: Progress;

beforeEach(() => {
  vi.useFakeTimers();
  terminal = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY: true, columns: 200 });
  progress = terminalProgress(terminal);
});
afterEach(() => {
  progress.stop();
  vi.useRealTimers();
});

/** All that was written since the last time. */
const written = (): string => String(terminal.read() ?? '');

/** The line that stands there; empty where it was taken away. */
function line(): string {
  const last = written().split('\u001b[1G').at(-1) ?? '';
  return last.endsWith(DRAWN) ? last.slice(0, -DRAWN.length) : last.replace(CLEARED, '');
}

/** The line once so much was done in so many seconds. */
function lineAfter(stage: Stage, done: number, seconds: number): string {
  progress.begin(stage);
  progress.advance(done);
  vi.advanceTimersByTime(seconds * 1_000);
  return line();
}

describe('says how much of how much, how fast, and the time that is left, as far as that is known', () => {
  test.each<[string, Stage, number, number]>([
    ['[------------------------] 0 of 10 teams', teams(exactly(10)), 0, 3],
    ['[============------------] 1,000 of 2,000 teams, 100 a second, 10s left', teams(exactly(2e3)), 1e3, 10],
    ['[========================] 1 of 1 team, 0.3 a second, 0s left', teams(exactly(1)), 1, 4],
    ['[========================] 100 of 100 teams, 10 a second, 0s left', teams(exactly(100)), 250, 10],
    ['[======------------------] 100 of about 400 teams, 50 a second, 6s left', teams(about(400)), 100, 2],
    ['[========================] 100 of about 100 teams, 1.0 a second, 0s left', teams(about(100)), 100, 100],
    ['101 teams, 10 a second, 10s so far', teams(about(100)), 101, 10],
    ['5 teams, 0.5 a second, 10s so far', teams(about(0)), 5, 10],
    ['1,234 teams, 123 a second, 10s so far', teams(UNKNOWN), 1_234, 10],
    ['[======------------------] 100 of 400 MB, 25 MB a second, 12s left', bytes(exactly(400e6)), 100e6, 4],
    ['[=====-------------------] 0.5 of 2.5 MB, 0.5 MB a second, 4s left', bytes(exactly(2.5e6)), 5e5, 1],
    ['50 MB, 0.5 MB a second, 1m40s so far', bytes(UNKNOWN), 50e6, 100],
  ])('%s', (text, stage, done, seconds) => {
    expect(lineAfter(stage, done, seconds)).toBe(`Applying ${text}`);
  });

  test.each([
    [59, '59s'],
    [130, '2m10s'],
    [3_899, '1h5m'],
    [7_190, '2h0m'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(lineAfter(teams(exactly(seconds + 1)), 1, 1)).toContain(`, ${text} left`);
  });

  test('where there is little room the bar goes first', () => {
    const words = 'Applying 5 of 10 teams, 1.0 a second, 5s left';
    const whole = lineAfter(TEN, 5, 5);
    expect(whole).toContain('[====');
    terminal.columns = whole.length + 1;
    expect(lineAfter(TEN, 5, 5)).toBe(whole);
    terminal.columns = whole.length;
    expect(lineAfter(TEN, 5, 5)).toBe(words);
    terminal.columns = 21;
    expect(lineAfter(TEN, 5, 5)).toBe(words.slice(0, 20));
  });
});

describe('a second', () => {
  test('is given to every stage before anything is drawn', () => {
    progress.begin({ ...TEN, activity: 'Checking' });
    vi.advanceTimersByTime(999);
    expect(written()).toBe('');
    vi.advanceTimersByTime(1);
    expect(line()).toMatch(/^Checking /);
    progress.begin(TEN);
    expect(line()).toBe('');
    vi.advanceTimersByTime(999);
    expect(written()).toBe('');
    vi.advanceTimersByTime(1);
    expect(line()).toMatch(/^Applying /);
  });

  test('has what is over sooner leave no trace, and no timer', () => {
    progress.begin(TEN);
    vi.advanceTimersByTime(999);
    progress.stop();
    vi.advanceTimersByTime(60_000);
    expect(written()).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });
});

test('it is redrawn a few times a second, however often it is told', () => {
  lineAfter(teams(exactly(1_000_000)), 0, 1);
  const timers = vi.getTimerCount();
  for (let step = 0; step < 100_000; step += 1) progress.advance();
  expect(written()).toBe('');
  expect(vi.getTimerCount()).toBe(timers);
  vi.advanceTimersByTime(1_000);
  expect(written().split('Applying')).toHaveLength(6);
});

test('it disappears when it is done, and changes nothing that a killed process would leave changed', () => {
  progress.begin(TEN);
  vi.advanceTimersByTime(5_000);
  progress.stop();
  const all = written();
  expect(all).toMatch(/Applying [^]*\u001b\[1G\u001b\[2K$/);
  expect(all).not.toContain('\u001b[?');
  progress.stop();
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

test('it makes way for other lines and comes back below them', () => {
  progress.begin(TEN);
  progress.makeWay();
  expect(written()).toBe('');
  vi.advanceTimersByTime(1_000);
  expect(line()).toMatch(/^Applying /);
  progress.makeWay();
  expect(written()).toMatch(/\u001b\[1G\u001b\[2K$/);
  progress.makeWay();
  vi.advanceTimersByTime(199);
  expect(written()).toBe('');
  vi.advanceTimersByTime(1);
  expect(line()).toMatch(/^Applying /);
});

test('says that it is paused; that time counts for nothing', () => {
  lineAfter(TEN, 4, 2);
  progress.pause(true);
  vi.advanceTimersByTime(3_600_000);
  expect(line()).toBe('Applying [==========--------------] 4 of 10 teams, 2.0 a second, 3s left, paused');
  progress.pause(false);
  vi.advanceTimersByTime(2_000);
  expect(line()).toBe('Applying [==========--------------] 4 of 10 teams, 1.0 a second, 6s left');
  progress.begin(TEN);
  progress.pause(true);
  progress.advance();
  vi.advanceTimersByTime(1_000);
  expect(line()).toBe('Applying [==----------------------] 1 of 10 teams, 0.0 a second, paused');
});

test.each([
  [100e6, 'Verifying the plan [======------------------] 25 of 100 MB, 13 MB a second, 6s left'],
  [null, 'Verifying the plan 25 MB, 13 MB a second, 2s so far'],
])('a file of %s bytes is counted while it is read', (size, text) => {
  const observer = readingProgress(progress, 'Verifying the plan');
  observer.onBegin(size);
  for (let chunk = 0; chunk < 100; chunk += 1) observer.onRead(250_000);
  vi.advanceTimersByTime(2_000);
  expect(line()).toBe(text);
  observer.onEnd();
  expect(line()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

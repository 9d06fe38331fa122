import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readingProgress } from '../../../src/views/progress.js';
import type { Stage } from '../../../src/views/progress-line.js';
import { terminalProgress } from '../../../src/views/terminal-progress.js';

const APPLYING: Stage = { activity: 'Applying', unit: 'teams', total: { kind: 'exact', count: 10 } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A terminal and what stands on it: on the line of the cursor, and on those above. */
function screen(): {
  readonly terminal: NodeJS.WritableStream;
  /** All that was written since the last time. */
  readonly written: () => string;
  readonly line: () => string;
  readonly above: () => readonly string[];
} {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  let unread = '';
  const lines: string[] = [];
  let line = '';
  let column = 0;
  let saved = 0;
  terminal.on('data', (chunk: Buffer) => {
    const text = chunk.toString();
    unread += text;
    for (const [, control, plain = ''] of text.matchAll(
      /(\u001b(?:\[\?\d+[hl]|\[\d*[GK]|[78])|\n|\r)|([^\u001b\n\r]+)/g,
    )) {
      if (control === '\n') {
        lines.push(line);
        line = '';
        column = 0;
      } else if (control === '\r' || control === '\u001b[1G') column = 0;
      else if (control === '\u001b[0K') line = line.slice(0, column);
      else if (control === '\u001b[2K') line = '';
      else if (control === '\u001b7') saved = column;
      else if (control === '\u001b8') column = saved;
      else if (control !== undefined) throw new Error(`what does ${JSON.stringify(control)} do?`);
      else {
        line = line.slice(0, column).padEnd(column) + plain + line.slice(column + plain.length);
        column += plain.length;
      }
    }
  });
  return {
    terminal,
    written: () => {
      const text = unread;
      unread = '';
      return text;
    },
    line: () => line,
    above: () => lines,
  };
}

describe('a second', () => {
  test('nothing is drawn before it has passed', () => {
    const { terminal, written, line } = screen();
    const progress = terminalProgress(terminal);
    progress.begin(APPLYING);
    progress.advance(2);
    vi.advanceTimersByTime(999);
    expect(written()).toBe('');
    vi.advanceTimersByTime(1);
    expect(line()).toBe('Applying [====--------------------] 2 of 10 teams, 2.0 a second, 4 s left');
    progress.stop();
  });

  test('what is over sooner leaves no trace, and no timer', () => {
    const { terminal, written } = screen();
    const progress = terminalProgress(terminal);
    progress.begin(APPLYING);
    vi.advanceTimersByTime(999);
    progress.stop();
    vi.advanceTimersByTime(60_000);
    expect(written()).toBe('');
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is given to every stage anew', () => {
    const { terminal, written, line } = screen();
    const progress = terminalProgress(terminal);
    progress.begin({ ...APPLYING, activity: 'Checking' });
    progress.advance(10);
    vi.advanceTimersByTime(1_500);
    expect(line()).toMatch(/^Checking /);
    progress.begin(APPLYING);
    expect(line()).toBe('');
    written();
    vi.advanceTimersByTime(999);
    expect(written()).toBe('');
    vi.advanceTimersByTime(1);
    expect(line()).toBe('Applying [------------------------] 0 of 10 teams');
    progress.stop();
  });
});

test('it is redrawn a few times a second, however often it is told', () => {
  const { terminal, written, line } = screen();
  const progress = terminalProgress(terminal);
  progress.begin({ ...APPLYING, total: { kind: 'exact', count: 1_000_000 } });
  vi.advanceTimersByTime(1_000);
  written();
  const timers = vi.getTimerCount();
  for (let step = 0; step < 100_000; step += 1) progress.advance();
  expect(written()).toBe('');
  expect(vi.getTimerCount()).toBe(timers);
  vi.advanceTimersByTime(1_000);
  expect(written().split('Applying')).toHaveLength(6);
  expect(line()).toContain(' 100,000 of 1,000,000 teams, 50,000 a second');
  progress.stop();
});

test('it disappears when it is done, and changes nothing that a killed process would leave changed', () => {
  const { terminal, written, line } = screen();
  const progress = terminalProgress(terminal);
  progress.begin(APPLYING);
  vi.advanceTimersByTime(5_000);
  expect(line()).not.toBe('');
  progress.stop();
  expect(line()).toBe('');
  expect(written()).not.toContain('\u001b[?');
  progress.stop();
  vi.advanceTimersByTime(60_000);
  expect(written()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

test('it makes way for other lines and comes back below them', () => {
  const { terminal, line, above } = screen();
  const progress = terminalProgress(terminal);
  progress.begin(APPLYING);
  progress.makeWay();
  terminal.write('early\n');
  vi.advanceTimersByTime(1_000);
  for (const text of ['one\n', 'two\n']) {
    progress.makeWay();
    terminal.write(text);
  }
  expect(line()).toBe('');
  vi.advanceTimersByTime(200);
  expect(line()).toMatch(/^Applying /);
  progress.stop();
  expect(above()).toEqual(['early', 'one', 'two']);
});

test('says that it is paused; that time counts for nothing', () => {
  const { terminal, line } = screen();
  const progress = terminalProgress(terminal);
  progress.begin(APPLYING);
  progress.advance(4);
  vi.advanceTimersByTime(2_000);
  progress.pause('paused');
  vi.advanceTimersByTime(3_600_000);
  expect(line()).toBe('Applying [=========---------------] 4 of 10 teams, 2.0 a second, 3 s left, paused');
  progress.pause('resumed');
  vi.advanceTimersByTime(2_000);
  expect(line()).toBe('Applying [=========---------------] 4 of 10 teams, 1.0 a second, 6 s left');
  progress.stop();
});

test.each<[string, number | null, string]>([
  [
    'of which the size is known',
    100e6,
    'Verifying the plan [======------------------] 25 of 100 MB, 13 MB a second, 6 s left',
  ],
  ['from a pipe', null, 'Verifying the plan 25 MB, 13 MB a second, 2 s so far'],
])('a file %s', (_what, size, text) => {
  const { terminal, line } = screen();
  const progress = terminalProgress(terminal);
  const observer = readingProgress(progress, 'Verifying the plan');
  observer.onBegin(size);
  for (let chunk = 0; chunk < 100; chunk += 1) observer.onRead(250_000);
  vi.advanceTimersByTime(2_000);
  expect(line()).toBe(text);
  observer.onEnd();
  expect(line()).toBe('');
  expect(vi.getTimerCount()).toBe(0);
});

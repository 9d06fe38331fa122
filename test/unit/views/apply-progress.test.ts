import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { applyProgress, rateText } from '../../../src/views/apply-progress.js';

test.each([
  [0, 0, '0.0'],
  [1, 2_000, '0.5'],
  [19, 2_000, '9.5'],
  [25, 2_000, '13'],
])('%i teams in %i ms are %s a second', (count, ms, text) => {
  expect(rateText(count, ms)).toBe(text);
});

test('shows teams, speed, the time that is left and that it is paused', () => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true, columns: 120 });
  const progress = applyProgress(terminal);
  progress.begin('Applying', 10);
  progress.advance();
  progress.pause('paused');
  progress.stop();
  const shown = stripVTControlCharacters(String(terminal.read()));
  expect(shown).toMatch(/Applying \[.*\] 0\/10 teams, 0 a second, .* left/);
  expect(shown).toMatch(/1\/10 teams, \d+(\.\d)? a second, \w+ left, paused/);
});

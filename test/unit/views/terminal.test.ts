import { describe, expect, it } from 'vitest';
import { terminalFor } from '../../../src/views/terminal.js';

const on = { isTTY: true, columns: 80 };
const off = { isTTY: false, columns: undefined };

describe('terminalFor', () => {
  it.each([
    ['a terminal', { ...on, env: {} }, 'colour'],
    ['a pipe', { ...off, env: {} }, 'plain'],
    ['NO_COLOR on a terminal', { ...on, env: { NO_COLOR: '1' } }, 'plain'],
    ['an empty NO_COLOR', { ...on, env: { NO_COLOR: '' } }, 'colour'],
    ['FORCE_COLOR in a pipe', { ...off, env: { FORCE_COLOR: '1' } }, 'colour'],
    ['FORCE_COLOR=0 on a terminal', { ...on, env: { FORCE_COLOR: '0' } }, 'plain'],
    ['NO_COLOR against FORCE_COLOR', { ...on, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }, 'plain'],
    ['a dumb terminal', { ...on, env: { TERM: 'dumb' } }, 'plain'],
  ])('%s', (_what, surroundings, expected) => {
    const painted = terminalFor(surroundings).op.delete('x');
    expect(painted.includes('\u001b[') ? 'colour' : 'plain').toBe(expected);
    expect(painted).toContain('x');
  });

  it('never hands on the undefined that Node has for a pipe: json-diff takes it for a wish for colour', () => {
    expect(terminalFor({ isTTY: undefined, columns: undefined, env: {} }).colour).toBe(false);
  });

  it('keeps the width within what can be read', () => {
    const widths = [10, 80, 400, undefined].map(
      (columns) => terminalFor({ isTTY: true, columns, env: {} }).width,
    );
    expect(widths).toEqual([40, 80, 120, 100]);
  });

  it('knows where lines end on a terminal that knows its width, and nowhere else', () => {
    const columns = [
      { isTTY: true, columns: 30 },
      { isTTY: true, columns: 300 },
      { isTTY: true, columns: 0 },
      { isTTY: false, columns: 80 },
    ].map((place) => terminalFor({ ...place, env: {} }).columns);
    expect(columns).toEqual([30, 300, Infinity, Infinity]);
  });
});

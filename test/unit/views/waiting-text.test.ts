import { expect, test } from 'vitest';
import { triedAgainText, waitingText } from '../../../src/views/waiting-text.js';

const holder = { pid: 7, application: 'job\u001b[31m\n', user: 'app', since: '2026-11-27 03:00:00' };

test.each([
  ['table', { kind: 'table', name: 'public."odd\u0007"' } as const, 'the table public."odd'],
  ['row', { kind: 'row' } as const, 'a row is locked'],
  ['advisory lock', { kind: 'advisory' } as const, 'an advisory lock is taken'],
])(
  'a %s that somebody holds is named with its holder, and nothing of it acts on a terminal',
  (_, on, what) => {
    const text = waitingText({ on, holders: [holder] });
    expect(text).toContain(what);
    expect(text).toMatch(/\(backend 7, user app, its transaction runs since 2026-11-27 03:00:00 UTC\)\.$/);
    expect(text).not.toMatch(/[\u0000-\u001f]/);
  },
);

test('what is not known of a holder is left out', () => {
  const unknown = { pid: 0, application: null, user: null, since: null };
  expect(waitingText({ on: { kind: 'row' }, holders: [unknown, { ...unknown, pid: 9 }] })).toMatch(
    /by a prepared transaction \(pg_prepared_xacts\); by a session without a name \(backend 9\)\.$/,
  );
});

test('a commit that waits for a standby is held up by nobody', () => {
  expect(waitingText({ on: { kind: 'standby' }, holders: [] })).toBe(
    'Waiting for PostgreSQL: no standby confirms a commit, as synchronous_standby_names of the server demands.',
  );
});

test('another apply is called so', () => {
  const other = { ...holder, application: 'fix-roles apply bob@desk 2026-11-27T03:00:00Z' };
  expect(waitingText({ on: { kind: 'advisory' }, holders: [other] })).toContain(
    'another apply is running, by fix-roles apply bob@desk',
  );
});

test('why a team is tried again is said in one harmless line', () => {
  expect(triedAgainText('a'.repeat(24), 'no\nanswer\u001b[2J')).not.toMatch(/[\u0000-\u001f]/);
});

import { expect, test } from 'vitest';
import { withoutEcho, withoutSecrets } from '../../../src/stores/server-error.js';

test.each([
  [
    'not authorized on app to execute command { find: "teams", filter: { _id: { $in: [ "}" ] } }, lsid: { id: UUID("x") }, $db: "app" }',
    'not authorized on app to execute command find on teams',
  ],
  [
    'not authorized on app to execute command { listCollections: 1, filter: {}, $db: "app" }',
    'not authorized on app to execute command listCollections',
  ],
  [
    'E11000 duplicate key error collection: app.user_roles index: x dup key: { user_id: "a" }',
    'E11000 duplicate key error collection: app.user_roles index: x dup key: { user_id: "a" }',
  ],
  ['permission denied for table postgres_user_roles', 'permission denied for table postgres_user_roles'],
])('of %s remains %s', (message, expected) => {
  expect(withoutEcho(message)).toBe(expected);
});

test('of whatever else is long, beginning and end remain', () => {
  const short = withoutEcho(`it failed: ${'tree '.repeat(1_000)} :: caused by :: no memory`);
  expect(short).toMatch(/^it failed: .* … .* :: caused by :: no memory$/);
  expect(short.length).toBeLessThan(600);
});

test('a secret is masked before its place is cut', () => {
  const secret = 's3cr3t'.repeat(20);
  for (let before = 150; before < 350; before += 7) {
    const error = new Error(`${'x'.repeat(before)}${secret}${'y'.repeat(1_000)}`);
    expect(withoutSecrets(error, [secret]).message).not.toContain('s3cr3t');
  }
});

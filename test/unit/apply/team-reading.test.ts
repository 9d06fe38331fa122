import { expect, it } from 'vitest';
import { readingAtFirst } from '../../../src/stores/mongo/live-team.js';

it('a sharded cluster is read find by find, new ids included: it looks up nothing in transactions, and its shards may hold an id twice', () => {
  expect(readingAtFirst('replicaSet')).toBe('quick');
  expect(readingAtFirst('sharded')).toBe('thorough');
});

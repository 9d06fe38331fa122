import { expect, it } from 'vitest';
import { newIdsAtFirst } from '../../../src/stores/live-mongo.js';

it('new ids are asked for at once where an insert would not notice that one is taken', () => {
  expect(newIdsAtFirst('replicaSet')).toBe('left-to-insert');
  expect(newIdsAtFirst('sharded')).toBe('asked');
});

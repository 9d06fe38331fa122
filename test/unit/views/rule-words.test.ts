import { expect, test } from 'vitest';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { ruleWords } from '../../../src/views/plan/rule-words.js';

const quote = (text: string): string => `"${text}"`;

test('a deleted team that is repaired keeps its creator and members, and the reason says so', () => {
  const words = (deletedTeams: 'deactivate' | 'repair'): string =>
    ruleWords('deleted-team-holds', { ...DEFAULT_POLICY, deletedTeams }, quote);
  expect(words('repair')).toMatch(/only the creator and active members .* marked as deleted or not/);
  expect(words('deactivate')).toMatch(/^nobody has a role/);
});

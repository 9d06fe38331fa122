import { expect, test } from 'vitest';
import { peopleWhoApproved } from '../../../src/approval/demand.js';
import type { Approval } from '../../../src/model/approval.js';

/** A valid approval with the key `key` by somebody of these names. */
function by(key: string, ...principals: string[]): Approval {
  return { file: `${key}.sig`, state: { kind: 'valid', principals, key } };
}

test.each<[number, string, Approval[]]>([
  [0, 'nobody', []],
  [0, 'what does not count', [{ file: 'x.sig', state: { kind: 'rejected', reason: 'x' } }]],
  [2, 'two names with a key each', [by('K1', 'ann'), by('K2', 'bob')]],
  [1, 'one key under two names', [by('K1', 'ann'), by('K1', 'bob')]],
  [1, 'one name with two keys', [by('K1', 'ann'), by('K2', 'ann')]],
  [1, 'two keys that share one of their names', [by('K1', 'ann', 'a@x'), by('K2', 'bob', 'a@x')]],
  [1, 'a chain', [by('K1', 'ann'), by('K2', 'bob'), by('K3', 'ann', 'bob')]],
  [1, 'two keys under one pattern', [by('K1', '*@x'), by('K2', '*@x')]],
  [1, 'two patterns that may fit the same name', [by('K1', 'a*'), by('K2', '*b')]],
  [1, 'a pattern and a name that it fits', [by('K1', 'bob@x'), by('K2', '*@x')]],
  [1, 'a pattern of single characters', [by('K1', 'bo?@x'), by('K2', 'bob@x')]],
  [1, 'one name in other case', [by('K1', 'ann@x.com'), by('K2', 'Ann@X.com')]],
  [1, 'one name with a no-break space', [by('K1', 'ann@x.com'), by('K2', 'ann@x.com\u00a0')]],
  [1, 'one name behind a byte order mark', [by('K1', 'ann@x.com'), by('K2', '\ufeffann@x.com')]],
  [1, 'one name with a joiner that nobody sees', [by('K1', 'ann@x.com'), by('K2', 'an\u200dn@x.com')]],
  [1, 'one name, composed and decomposed', [by('K1', 'zo\u00eb'), by('K2', 'zoe\u0308')]],
  [1, 'a pattern in other case', [by('K1', '*@X.com'), by('K2', 'bob@x.COM')]],
  [2, 'a pattern and a name that it does not fit', [by('K1', '*@x'), by('K2', 'bob@y')]],
  [2, 'a pattern that is too long', [by('K1', 'bob??'), by('K2', 'bob')]],
  [1, 'a pattern of many stars', [by('K1', `${'*a'.repeat(60)}*`), by('K2', 'a'.repeat(200))]],
  [3, 'three, one of them twice', [by('K1', 'ann'), by('K2', 'bob'), by('K3', 'cy'), by('K3', 'cy')]],
])('%i: %s', (people, _what, approvals) => {
  expect(peopleWhoApproved(approvals)).toHaveLength(people);
  expect(peopleWhoApproved(approvals.toReversed())).toHaveLength(people);
});

import { expect, test } from 'vitest';
import type { Check } from '../../../src/model/doctor-check.js';
import { doctorJson, doctorText } from '../../../src/views/doctor-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';

const CHECKS: Check[] = [
  { store: 'mongo', check: 'version', title: 'version', result: { status: 'passed', found: 'MongoDB 8.0' } },
  {
    store: 'mongo',
    check: 'rows',
    title: 'rows',
    result: { status: 'not-made', reason: 'nobody \u001b[31masked' },
  },
  {
    store: 'postgres',
    check: 'indexes',
    title: 'indexes',
    result: {
      status: 'failed',
      found: 'looked for team_id',
      problems: [
        {
          severity: 'failure',
          problem: 'evil \u202ename',
          next: 'Do this.',
          statements: ['DROP\u0007 x;\nAND y;'],
        },
        { severity: 'warning', problem: 'less', next: 'Do that.', statements: [] },
      ],
    },
  },
];

test('every check with its mark, remedies under it, hostile text made visible', () => {
  expect(doctorText(CHECKS, PLAIN_TERMINAL)).toBe(`MongoDB
  ✓ version                   MongoDB 8.0
  - rows                      not checked: nobody \\u{1b}[31masked

PostgreSQL
  ✗ indexes                   looked for team_id
      ✗ evil \\u{202e}name
      → Do this.
          DROP\\u{7} x;
          AND y;
      ! less
      → Do that.

1 check passed, 1 failed, 1 not made.
Next: remedy what is marked ✗, then run fix-roles doctor again.
`);
});

test('for machines: one document, harmless as it stands, that says the same', () => {
  const json = doctorJson(CHECKS);
  expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  expect(JSON.parse(json)).toEqual({
    checks: CHECKS.map(({ result, ...check }) => ({ ...check, ...result })),
    counts: { passed: 1, warning: 0, failed: 1, 'not-made': 1 },
  });
});

import { id } from './sample-plan.js';
import { edit, type BadPlan } from './spoil.js';

const T3 = id('a', 3);
const U6 = id('b', 6);
const NAME = '"name":"Team 3"';
const NOTE = '"note":"line\\nbreak"';
const NOT_CANONICAL = /line \d+, field changes\[\d\]\.before: is not canonical Extended JSON/;
const ILLEGIBLE = /name: holds a/;

/** Texts that mislead the person or the terminal that sees them, and ids that are none. */
export const BAD_TEXTS: readonly BadPlan[] = [
  edit('a bidirectional override in a name', ILLEGIBLE, NAME, '"name":"Team \u202e3"'),
  edit('a bidirectional isolate in a name', ILLEGIBLE, NAME, '"name":"Team \u20663"'),
  edit('an escape sequence in a name', ILLEGIBLE, NAME, '"name":"Team \\u001b[31m3"'),
  edit('a line break in a name', ILLEGIBLE, NAME, '"name":"Team\\n3"'),
  edit('NUL in a name', ILLEGIBLE, NAME, '"name":"Team\\u00003"'),
  edit('a C1 control in a name', ILLEGIBLE, NAME, '"name":"Team \u009b3"'),
  edit('a lone surrogate in a name', /lone surrogate/, NAME, '"name":"Team \\ud8003"'),
  edit('a number without its type in a document', NOT_CANONICAL, NOTE, '"note":5'),
  edit('a relaxed date in a document', NOT_CANONICAL, NOTE, '"note":{"$date":"2024-03-28T09:30:00Z"}'),
  edit('a malformed ObjectId in a document', NOT_CANONICAL, NOTE, '"note":{"$oid":"zz"}'),
  edit(
    'a date with leading zeros in a document',
    NOT_CANONICAL,
    NOTE,
    '"note":{"$date":{"$numberLong":"01"}}',
  ),
  edit('an integer too big for its type', NOT_CANONICAL, NOTE, '"note":[{"$numberInt":"99999999999"}]'),
  edit(
    'NUL in a Postgres row',
    /line \d+, field changes\[\d\]\.after\.sync_error: holds NUL/,
    'sync_error',
    'null}',
    '"a\\u0000"}',
  ),
  edit(
    'the name of another tool',
    /line 3, field tool: must be fix-roles/,
    '"fix-roles/1.0.0"',
    '"other/1.0.0"',
  ),
  edit('a lone surrogate in a row', /lone surrogate/, 'note', '"line\\nbreak"', '"\\udc00"'),
  edit('a lone surrogate in a key of a row', /lone surrogate/, '"note":', '"\\udc00":'),
  edit(
    'an id in upper case',
    /team\.id: is not a well-formed/,
    `{"team":{"id":"${T3}"`,
    `{"team":{"id":"${T3.toUpperCase()}"`,
  ),
  edit(
    'an id of 23 digits',
    /team\.id: is not a well-formed/,
    `{"team":{"id":"${T3}"`,
    `{"team":{"id":"${T3.slice(1)}"`,
  ),
  edit(
    'an id of 25 digits',
    /team\.id: is not a well-formed/,
    `{"team":{"id":"${T3}"`,
    `{"team":{"id":"${T3}0"`,
  ),
  edit(
    'an id of 121 digits',
    /team\.id: is too big/,
    `{"team":{"id":"${T3}"`,
    `{"team":{"id":"${T3.padEnd(121, '0')}"`,
  ),
  edit('an empty id', /team\.id: is too small/, `{"team":{"id":"${T3}"`, '{"team":{"id":""'),
  edit(
    'an id with NUL',
    /team\.id: holds a/,
    `{"team":{"id":"${T3}"`,
    `{"team":{"id":"\\u0000${T3.slice(1)}"`,
  ),
  edit('a statement as an id', /user: is not a well-formed/, `{"user":"${U6}"`, `{"user":"x' OR 1=1 --"`),
  edit('an operator as an id', /createdBy: is not a well-formed/, 'createdBy', `"${id('b', 5)}"`, '"$where"'),
  edit(
    'a malformed id in observed rows',
    /observed\.mongo\[0\]\.id/,
    `{"id":"${id('d', 9)}"`,
    '{"id":"nine"',
  ),
  edit('a malformed link', /observed\.postgres\[0\]\.mongoId/, 'mongoId', `"${id('d', 9)}"`, '"nine"'),
  edit(
    'a malformed id in a finding',
    /team: is not a well-formed/,
    `"missing-team","team":"${id('a', 2)}"`,
    '"missing-team","team":"two"',
  ),
  edit(
    'a bidirectional override in the value of a finding',
    /value: holds a/,
    '"\\"zz\\""',
    '"\\"z\u202ez\\""',
  ),
  edit('NUL in the row of a finding', /at\.row: holds a/, 'row', '"30"', '"3\\u00000"'),
  edit('a longer value than is shown', /value: is too big/, '"\\"zz\\""', `"${'z'.repeat(257)}"`),
  edit('a malformed id in the filter', /filter\.excludeTeams\[0\]/, `["${id('a', 7)}"`, '["7"'),
  edit('a role with a control character', /role/, 'role', '"viewer"', '"view\\u0007er"'),
  edit('a role without a name', /role/, 'role', '"viewer"', '""'),
  edit('a role longer than its column', /role/, 'role', '"viewer"', `"${'v'.repeat(51)}"`),
  edit('a row number that no number holds', /postgres\[0\]\.id: /, '{"id":11,', '{"id":9007199254740992,'),
  edit('a row number as a string without need', /postgres\[0\]\.id: /, '{"id":11,', '{"id":"11",'),
  edit('a row number beyond 64 bits', /postgres\[0\]\.id: /, '{"id":11,', '{"id":"9223372036854775808",'),
];

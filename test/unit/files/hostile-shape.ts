import { id } from './sample-plan.js';
import { edit, lineWith, rewrite, type BadPlan } from './spoil.js';

const T1 = id('a', 1);
const U1 = id('b', 1);

/** Fields and lines that the format does not have. */
export const BAD_SHAPES: readonly BadPlan[] = [
  edit('another format', /field format/, 'fix-roles/plan', 'fix-roles/receipt'),
  edit('a later version', /formatVersion/, '"formatVersion":2', '"formatVersion":3'),
  edit('the version as text', /formatVersion/, '"formatVersion":2', '"formatVersion":"2"'),
  edit('an unknown kind', /kind/, '"kind":"fix"', '"kind":"break"'),
  edit(
    'a fix plan as a revert plan',
    /takes back/,
    '"kind":"fix",\n',
    `"kind":"revert",\n"reverts":{"plan":"sha256:${'0'.repeat(64)}","receipt":"sha256:${'0'.repeat(64)}"},\n`,
  ),
  edit('an unknown field in the header', /unknown/, '"tool":', '"note":"x","tool":'),
  edit('an unknown field in a decision', /unknown/, '"standing":"member"', '"why":"x","standing":"member"'),
  edit('an unknown field in a change', /unknown|format/, '"op":"delete",', '"op":"delete","force":true,'),
  edit('an unknown field in a team', /unknown/, `{"id":"${T1}",`, `{"id":"${T1}","x":1,`),
  edit(
    'an unknown field in a finding',
    /unknown/,
    '{"code":"missing-team",',
    '{"code":"missing-team","x":1,',
  ),
  edit(
    'a value in a finding about no row',
    /unknown fields: at, value/,
    `"missing-team","team":"${id('a', 2)}","user":null`,
    `"missing-team","team":"${id('a', 2)}","user":null,"at":{"store":"mongo","row":"1","field":"_id"},"value":"1"`,
  ),
  edit(
    'a malformed row without its field',
    /field at: is missing/,
    /,"at":\{"store":"mongo","row":"\\"d9.*7"/,
    '',
  ),
  edit('a malformed row without its value', /field value: is missing/, ',"value":"7"', ''),
  edit(
    'a malformed row of no known store',
    /at\.store/,
    '{"store":"postgres","row":"30"',
    '{"store":"mysql","row":"30"',
  ),
  edit(
    'an unknown field in the place of a row',
    /unknown fields: x/,
    '"field":"mongo_id"',
    '"field":"mongo_id","x":1',
  ),
  edit('an odd value that is a boolean', /value: is a boolean/, '"value":"\\"yes\\""', '"value":"true"'),
  edit(
    'an odd state that is a boolean',
    /value: is a boolean/,
    '"is_deleted"},"value":"1"',
    '"is_deleted"},"value":"false"',
  ),
  edit(
    'an odd value that the policy counts as active',
    /value: counts as active/,
    '"activeValues":[true]',
    '"activeValues":[true,"yes"]',
  ),
  edit(
    'an odd membership of another field',
    /at: is not the field is_active/,
    '"row":"m1","field":"is_active"',
    '"row":"m1","field":"is_on"',
  ),
  edit(
    'an odd team state of a user',
    /concerns a whole team/,
    /("code":"odd-team-state","team":"a0*3","user":)null/,
    `"code":"odd-team-state","team":"${id('a', 3)}","user":"${U1}"`,
  ),
  edit('a decision for an exempt user', /user: is exempt/, new RegExp(id('b', 77), 'g'), U1),
  edit('a decision for an exempt team', /team\.id: is exempt/, new RegExp(id('a', 77), 'g'), id('a', 3)),
  edit(
    'an exemption for another reason',
    /value: is not the reason/,
    '"value":"a robot"',
    '"value":"a person"',
  ),
  edit(
    'an exempt user who is not',
    /value: is not the reason/,
    `"user":"${id('b', 77)}","value"`,
    `"user":"${id('b', 78)}","value"`,
  ),
  edit('an exemption without its reason', /value: is missing/, ',"value":"a robot"', ''),
  edit(
    'an exemption of no team',
    /team: is null/,
    `"code":"exempt","team":"${T1}"`,
    '"code":"exempt","team":null',
  ),
  edit(
    'an exempt user who is no id',
    /policy\.exempt\.users\[0\]\.id: is not a well-formed id/,
    `"users":[{"id":"${id('b', 77)}"`,
    '"users":[{"id":"robot"',
  ),
  edit('active values without true', /lacks true/, '"activeValues":[true]', '"activeValues":["yes"]'),
  edit(
    'an active value that is false',
    /activeValues/,
    '"activeValues":[true]',
    '"activeValues":[true,false]',
  ),
  edit('an active value twice', /names a value twice/, '"activeValues":[true]', '"activeValues":[true,true]'),
  edit('a missing field in a decision', /member/, '"member":true,', ''),
  edit('a missing line in the header', /consistency/, /"consistency":.*\n/, ''),
  edit('a number as text', /line \d+/, '"id":11,', '"id":"11",'),
  edit('text as a number', /database/, '"database":"app","replicaSet"', '"database":1,"replicaSet"'),
  edit('a boolean as a number', /member/, '"member":true', '"member":1'),
  edit('an object as an id', /user/, `{"user":"${U1}","standing"`, '{"user":{"$ne":null},"standing"'),
  edit('null for a list', /changes|mongo/, '"observed":{"mongo":[]', '"observed":{"mongo":null'),
  edit('an unknown operation', /op|format/, '"op":"delete"', '"op":"truncate"'),
  edit('an unknown store', /store|format/, '"store":"mongo"', '"store":"mysql"'),
  edit('an unknown rule', /rule|format/, '"rule":"owner-wants"', '"rule":"because"'),
  edit('a rule of revert plans', /rule|format/, '"rule":"owner-wants"', '"rule":"undo"'),
  edit('an unknown policy', /outsiders/, '"outsiders":"deactivate"', '"outsiders":"promote"'),
  edit('an unknown standing', /standing/, '"standing":"owner"', '"standing":"admin"'),
  edit('an unknown finding', /code/, '"code":"missing-team"', '"code":"all-is-well"'),
  edit('a __proto__ key in the header', /__proto__/, '"tool":', '"__proto__":{"x":1},"tool":'),
  edit('a __proto__ key in a row', /__proto__/, '"note":"line\\nbreak"', '"__proto__":{"is_active":true}'),
  edit('an image for the wrong operation', /line \d+/, '"before":{"_id"', '"after":{"_id"'),
  rewrite('a decision without a team', /line \d+/, (lines) => {
    const at = lineWith(lines, `{"team":{"id":"${T1}"`);
    return lines.filter((_line, index) => index !== at);
  }),
  rewrite('a team without decisions', /without a decision/, (lines) => {
    const at = lineWith(lines, `{"team":{"id":"${id('a', 6)}"`);
    return lines.filter((_line, index) => index !== at + 1);
  }),
  rewrite('the lists in another order', /line \d+/, (lines) =>
    lines.map((line) =>
      line === '"findings":[' ? '"blocked":[' : line === '"blocked":[' ? '"findings":[' : line,
    ),
  ),
];

import { id } from './sample-plan.js';
import { edit, lineWith, rewrite, swap, type BadPlan, type Swap } from './spoil.js';

const [T1, T2, T3] = [id('a', 1), id('a', 2), id('a', 3)];
const [U1, U2, U3, U5] = [id('b', 1), id('b', 2), id('b', 3), id('b', 5)];
const [U6, U7, U8] = [id('b', 6), id('b', 7), id('b', 8)];
const [D1, D2, D99] = [id('d', 1), id('d', 2), id('d', 99)];

/** Edits the one line in which this stands. */
function inLine(line: string, name: string, refusal: RegExp, ...change: Swap): BadPlan {
  return rewrite(name, refusal, (lines) => {
    const at = lineWith(lines, line);
    return lines.with(at, swap(String(lines[at]), ...change));
  });
}

/** Edits the decision about this user; in the sample only user 4 stands in two teams. */
function about(user: string, name: string, refusal: RegExp, ...change: Swap): BadPlan {
  return inLine(`{"user":"${user}","standing"`, name, refusal, ...change);
}

/** Edits the line of this team. */
function team(id: string, name: string, refusal: RegExp, ...change: Swap): BadPlan {
  return inLine(`{"team":{"id":"${id}"`, name, refusal, ...change);
}

/** Exchanges a line with the one after it, comma or not. */
function exchange(name: string, refusal: RegExp, line: string): BadPlan {
  return rewrite(name, refusal, (lines) => {
    const at = lineWith(lines, line);
    const [first = '', second = ''] = lines.slice(at, at + 2);
    const bare = (text: string): string => text.replace(/,$/, '');
    const end = (text: string): string => (text.endsWith(',') ? ',' : '');
    return lines.with(at, bare(second) + end(first)).with(at + 1, bare(first) + end(second));
  });
}

/** Moves the second team to the place before the first one. */
function teamsExchanged(name: string, first: string, second: string): BadPlan {
  return rewrite(name, /team\.id: does not come after/, (lines) => {
    const from = lineWith(lines, `{"team":{"id":"${second}"`);
    const moved = lines.slice(from, lines.indexOf(']},', from) + 1);
    return lines
      .toSpliced(from, moved.length)
      .toSpliced(lineWith(lines, `{"team":{"id":"${first}"`), 0, ...moved);
  });
}

function without(name: string, refusal: RegExp, line: string): BadPlan {
  return rewrite(name, refusal, (lines) => lines.toSpliced(lineWith(lines, line), 1));
}

function twice(name: string, refusal: RegExp, line: string): BadPlan {
  return rewrite(name, refusal, (lines) => {
    const at = lineWith(lines, line);
    const text = lines[at]?.replace(/,$/, '') ?? '';
    return lines.toSpliced(at, 0, `${text},`);
  });
}

const CHANGE = /\{"op":"(?:(?!\{"op").)*\}(?=,\{"op"|\])/;
const DOES_NOT_FOLLOW = /does not follow/;
const NOT_AFTER = /does not come after/;

/** Decisions that the rules do not derive from their own facts, or that contradict each other. */
export const BAD_FACTS: readonly BadPlan[] = [
  about(U3, 'a stranger called owner', /standing: is not outsider/, 'standing', '"outsider"', '"owner"'),
  about(U3, 'a stranger called a member', /standing: is not member/, 'member', 'false', 'true'),
  about(U2, 'a member called a stranger', /standing: is not outsider/, 'member', 'true', 'false'),
  team(T1, 'another creator', /standing: is not member/, /"createdBy":"\w+"/, `"createdBy":"${U3}"`),
  team(T1, 'fewer people than hold roles', /people\.before: is less than the 2/, '"before":2', '"before":1'),
  team(T1, 'people who stay though they lose', /people\.after: is 3, but .* 2/, '"after":2', '"after":3'),
  team(T1, 'a negative number of people', /people\.before: is too small/, '"before":2', '"before":-2'),
  team(T1, 'half a person', /people\.before: is not of type int/, '"before":2', '"before":2.5'),
  team(T1, 'people who are not counted', /people: is missing/, /,"people":\{[^}]*\}/, ''),
  about(
    U3,
    'more rights for a stranger',
    DOES_NOT_FOLLOW,
    CHANGE,
    `{"op":"insert","store":"mongo","role":"owner","rule":"owner-wants","after":{}}`,
  ),
  about(
    U2,
    'a role that a member does not get',
    DOES_NOT_FOLLOW,
    'op',
    '"insert","store":"postgres","role":"member"',
    '"insert","store":"postgres","role":"admin"',
  ),
  about(U2, 'a deletion that is left out', /changes\[0\]/, new RegExp(`${CHANGE.source},`), ''),
  about(
    U2,
    'the last change left out',
    /changes\[2\]: is missing/,
    new RegExp(`,${CHANGE.source}(?=\\])`),
    '',
  ),
  about(U2, 'no changes', /changes/, /"changes":\[.*\]/, '"changes":[]'),
  rewrite('a change twice', DOES_NOT_FOLLOW, (lines) => {
    const at = lineWith(lines, `{"user":"${U1}"`);
    return lines.with(at, String(lines[at]).replace(/("changes":\[)(\{"op".*?\})(?=,\{"op")/, '$1$2,$2'));
  }),
  about(U2, 'another operation', DOES_NOT_FOLLOW, 'op', '"delete"', '"deactivate"'),
  about(U2, 'another rule', DOES_NOT_FOLLOW, 'rule', '"member-extra"', '"outsider-holds"'),
  rewrite('changes in another order', DOES_NOT_FOLLOW, (lines) => {
    const at = lineWith(lines, `{"user":"${U2}"`);
    const order =
      /("changes":\[)(\{"op":"delete","store":"mongo".*\}),(\{"op":"delete","store":"postgres".*\})(?=,\{)/;
    return lines.with(at, String(lines[at]).replace(order, '$1$3,$2'));
  }),
  about(U1, 'an insertion for somebody else', /after\.user_id/, 'user_id', `"${U1}"`, `"${U3}"`),
  about(U1, 'an insertion into another team', /after\.team_id/, 'team_id', `"${T1}"`, `"${T3}"`),
  about(U1, 'an insertion of another role', /after\.role_name/, 'role_name', '"member"', '"owner"'),
  about(U1, 'an insertion of another scope', /after\.scope/, 'scope', '"TEAM"', '"GLOBAL"'),
  about(U1, 'an insertion that is not active', /after\.is_active/, 'is_active', 'true', 'false'),
  about(U1, 'an insertion with another id', /after\._id/, /"\$oid":"\w+"/, `"$oid":"${D99}"`),
  about(U1, 'an insertion with another link', /after\.mongo_id/, /"mongo_id":"\w+"/, `"mongo_id":"${D99}"`),
  about(U1, 'an insertion at another time', /after\.created_at/, '"$numberLong":"17', '"$numberLong":"16'),
  about(U1, 'an insertion by somebody else', /after\.created_by/, 'created_by', '"system"', '"root"'),
  about(
    U1,
    'an insertion with one field more',
    /other fields/,
    'created_by',
    '"system"}',
    '"system","is_admin":true}',
  ),
  about(U1, 'an insertion with a field less', /after\.sync_error/, ',"sync_error":null', ''),
  about(U2, 'a deletion of another document', /before\._id/, `"$oid":"${D2}"`, `"$oid":"${D1}"`),
  about(U2, 'a deletion of another row', /before\.id/, 'id', '"11"', '"12"'),
  about(U2, 'a deletion of the row of somebody else', /before\.user_id/, 'user_id', `"${U2}"`, `"${U3}"`),
  about(U2, 'a deletion in another team', /before\.team_id/, `{"$oid":"${T1}"}`, `{"$oid":"${T3}"}`),
  about(U2, 'a deletion of another role', /before\.role_name/, 'role_name', '"admin"', '"member"'),
  about(U2, 'a deletion of another scope', /before\.scope/, 'scope', '"TEAM"', '"GLOBAL"'),
  about(U2, 'a deletion of an inactive row', /before\.is_active/, 'is_active', 'true', 'false'),
  about(U2, 'a deletion without a column', /sync_status: is missing/, '"sync_status":"SYNCED",', ''),
  about(
    U2,
    'a row with another link',
    /before\.mongo_id/,
    'mongo_id',
    `"${D2}","user_id"`,
    `"${D1}","user_id"`,
  ),
  about(U6, 'a reactivation of an active row', /before\.is_active|derive|follow/, 'is_active', '"f"', '"t"'),
  about(U6, 'an activity that is no boolean', /is_active/, 'is_active', '"f"', '"maybe"'),
  about(U6, 'a reactivation that was active', /do not follow/, 'active', 'false', 'true'),
  about(
    U7,
    'an inactive row that decides nothing',
    /observed/,
    'postgres',
    '[',
    `[{"id":3,"mongoId":null,"role":"admin","active":false},`,
  ),
  about(U2, 'an observed row left out', DOES_NOT_FOLLOW, /\{"id":11,[^}]*\}/, ''),
  about(
    U2,
    'an observed row invented',
    /derive/,
    /\{"id":11,/,
    '{"id":10,"mongoId":null,"role":"viewer","active":true},{"id":11,',
  ),
  about(U3, 'observed rows in another order', NOT_AFTER, '{"id":12,', '{"id":14,'),
  about(U3, 'an observed row twice', NOT_AFTER, '{"id":12,', '{"id":13,'),
  about(U3, 'an observed document twice', NOT_AFTER, `{"id":"${id('d', 3)}"`, `{"id":"${id('d', 4)}"`),
  exchange('users in another order', NOT_AFTER, `{"user":"${U2}"`),
  twice('a user twice', NOT_AFTER, `{"user":"${U2}"`),
  rewrite('a team twice', /team\.id: does not come after/, (lines) => {
    const at = lineWith(lines, `{"team":{"id":"${T3}"`);
    const end = lines.indexOf(']},', at);
    return lines.toSpliced(at, 0, ...lines.slice(at, end + 1));
  }),
  teamsExchanged('teams in another order', T1, T3),
  teamsExchanged('a missing team before existing ones', T1, T2),
  team(T1, 'a live team that nobody created', /createdBy: is null/, /"createdBy":"\w+"/, '"createdBy":null'),
  team(T1, 'a deleted team that is left alone', /leaves such teams alone/, 'state', '"live"', '"deleted"'),
  team(T2, 'a missing team with a name', /team\.name: is not null/, 'name', 'null', '"Ghost"'),
  team(T2, 'a missing team with a creator', /team\.createdBy: is not null/, 'createdBy', 'null', `"${U1}"`),
  exchange('the fields of one row in another order', NOT_AFTER, '"row":"31","field":"mongo_id"'),
  twice('a field of a row twice', NOT_AFTER, '"row":"31","field":"mongo_id"'),
  exchange('findings in another order', NOT_AFTER, '{"code":"missing-team"'),
  twice('a finding twice', NOT_AFTER, '{"code":"missing-team"'),
  without('a finding about a user left out', /calls for the finding/, '{"code":"owner-without-membership"'),
  without(
    'a finding about a missing team left out',
    /calls for the finding/,
    `{"code":"missing-team","team":"${T2}"`,
  ),
  edit(
    'a finding that the facts contradict',
    /contradicts the finding/,
    `"unlinked-row","team":"${T3}","user":"${U8}"`,
    `"unlinked-row","team":"${T1}","user":"${U2}"`,
  ),
  edit(
    'a finding about a team that names a user',
    /concerns a whole team/,
    `"missing-team","team":"${T2}","user":null`,
    `"missing-team","team":"${T2}","user":"${U1}"`,
  ),
  edit(
    'a finding about a user that names none',
    /concerns a user/,
    `"unlinked-row","team":"${T3}","user":"${U8}"`,
    `"unlinked-row","team":"${T3}","user":null`,
  ),
  edit(
    'a blocked team with changes',
    /team\.id: is blocked/,
    `"team-without-owner","team":"${id('a', 4)}"`,
    `"team-without-owner","team":"${T3}"`,
  ),
  edit(
    'a blocked user with changes',
    /user: is blocked/,
    'blocked',
    '[\n',
    `[\n{"code":"link-conflict","team":"${T3}","user":"${U5}"},\n`,
  ),
  edit(
    'a user with changes who is blocked for a field of a row',
    /user: is blocked in this team \(malformed-row\)/,
    'blocked',
    '[\n',
    `[\n{"code":"malformed-row","team":"${T3}","user":"${U5}","at":{"store":"mongo","row":"1","field":"x"},"value":"7"},\n`,
  ),
  edit(
    'a blocked user of a missing team with changes',
    /user: is blocked/,
    'blocked',
    '[\n',
    `[\n{"code":"link-conflict","team":"${T2}","user":"${id('b', 4)}"},\n`,
  ),
  without(
    'a finding about a user of a missing team left out',
    /calls for the finding/,
    `"duplicate-active-role","team":"${T2}"`,
  ),
];

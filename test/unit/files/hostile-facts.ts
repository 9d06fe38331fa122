import { id } from './sample-plan.js';
import { edit, lineWith, rewrite, type BadPlan } from './spoil.js';

const T1 = id('a', 1);
const T3 = id('a', 3);
const [U1, U2, U3, U5, U6, U7] = [1, 2, 3, 5, 6, 7].map((number) => id('b', number));

/** Edits the one line in which this stands. */
function inLine(name: string, refusal: RegExp, line: string, from: string | RegExp, to: string): BadPlan {
  return rewrite(name, refusal, (lines) => {
    const at = lineWith(lines, line);
    return lines.map((text, index) => (index === at ? text.replace(from, () => to) : text));
  });
}

/** Edits the decision about this user; in the sample only user 4 stands in two teams. */
function about(
  user: string | undefined,
  name: string,
  refusal: RegExp,
  from: string | RegExp,
  to: string,
): BadPlan {
  return inLine(name, refusal, `{"user":"${String(user)}","standing"`, from, to);
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
  about(
    U3,
    'a stranger called owner',
    /standing: is not outsider/,
    '"standing":"outsider"',
    '"standing":"owner"',
  ),
  about(U3, 'a stranger called a member', /standing: is not member/, '"member":false', '"member":true'),
  about(U2, 'a member called a stranger', /standing: is not outsider/, '"member":true', '"member":false'),
  inLine(
    'another creator',
    /standing: is not member/,
    `{"team":{"id":"${T1}"`,
    /"createdBy":"\w+"/,
    `"createdBy":"${String(U3)}"`,
  ),
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
    '"op":"insert","store":"postgres","role":"member"',
    '"op":"insert","store":"postgres","role":"admin"',
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
    const at = lineWith(lines, `{"user":"${String(U1)}"`);
    return lines.with(at, String(lines[at]).replace(/("changes":\[)(\{"op".*?\})(?=,\{"op")/, '$1$2,$2'));
  }),
  about(U2, 'another operation', DOES_NOT_FOLLOW, '"op":"delete"', '"op":"deactivate"'),
  about(U2, 'another rule', DOES_NOT_FOLLOW, '"rule":"member-extra"', '"rule":"outsider-holds"'),
  rewrite('changes in another order', DOES_NOT_FOLLOW, (lines) => {
    const at = lineWith(lines, `{"user":"${String(U2)}"`);
    const order =
      /("changes":\[)(\{"op":"delete","store":"mongo".*\}),(\{"op":"delete","store":"postgres".*\})(?=,\{)/;
    return lines.with(at, String(lines[at]).replace(order, '$1$3,$2'));
  }),
  about(
    U1,
    'an insertion for somebody else',
    /after\.user_id/,
    `"user_id":"${String(U1)}"`,
    `"user_id":"${String(U3)}"`,
  ),
  about(U1, 'an insertion into another team', /after\.team_id/, `"team_id":"${T1}"`, `"team_id":"${T3}"`),
  about(
    U1,
    'an insertion of another role',
    /after\.role_name/,
    '"role_name":"member"',
    '"role_name":"owner"',
  ),
  about(U1, 'an insertion of another scope', /after\.scope/, '"scope":"TEAM"', '"scope":"GLOBAL"'),
  about(U1, 'an insertion that is not active', /after\.is_active/, '"is_active":true', '"is_active":false'),
  about(U1, 'an insertion with another id', /after\._id/, /"\$oid":"\w+"/, `"$oid":"${id('d', 99)}"`),
  about(
    U1,
    'an insertion with another link',
    /after\.mongo_id/,
    /"mongo_id":"\w+"/,
    `"mongo_id":"${id('d', 99)}"`,
  ),
  about(U1, 'an insertion at another time', /after\.created_at/, '"$numberLong":"17', '"$numberLong":"16'),
  about(
    U1,
    'an insertion by somebody else',
    /after\.created_by/,
    '"created_by":"system"',
    '"created_by":"root"',
  ),
  about(
    U1,
    'an insertion with one field more',
    /other fields/,
    '"created_by":"system"}',
    '"created_by":"system","is_admin":true}',
  ),
  about(U1, 'an insertion with a field less', /after\.sync_error/, ',"sync_error":null', ''),
  about(
    U2,
    'a deletion of another document',
    /before\._id/,
    `"$oid":"${id('d', 2)}"`,
    `"$oid":"${id('d', 1)}"`,
  ),
  about(U2, 'a deletion of another row', /before\.id/, '"id":"11"', '"id":"12"'),
  about(
    U2,
    'a deletion of the row of somebody else',
    /before\.user_id/,
    `"user_id":"${String(U2)}"`,
    `"user_id":"${String(U3)}"`,
  ),
  about(U2, 'a deletion in another team', /before\.team_id/, `{"$oid":"${T1}"}`, `{"$oid":"${T3}"}`),
  about(U2, 'a deletion of another role', /before\.role_name/, '"role_name":"admin"', '"role_name":"member"'),
  about(U2, 'a deletion of another scope', /before\.scope/, '"scope":"TEAM"', '"scope":"GLOBAL"'),
  about(U2, 'a deletion of an inactive row', /before\.is_active/, '"is_active":true', '"is_active":false'),
  about(U2, 'a deletion without a column', /sync_status: is missing/, '"sync_status":"SYNCED",', ''),
  about(
    U2,
    'a row with another link',
    /before\.mongo_id/,
    `"mongo_id":"${id('d', 2)}","user_id"`,
    `"mongo_id":"${id('d', 1)}","user_id"`,
  ),
  about(
    U6,
    'a reactivation of an active row',
    /before\.is_active|derive|follow/,
    '"is_active":"f"',
    '"is_active":"t"',
  ),
  about(U6, 'an activity that is no boolean', /is_active/, '"is_active":"f"', '"is_active":"maybe"'),
  about(U6, 'a reactivation that was active', /do not follow/, '"active":false', '"active":true'),
  about(
    U7,
    'an inactive row that decides nothing',
    /observed/,
    '"postgres":[',
    `"postgres":[{"id":3,"mongoId":null,"role":"admin","active":false},`,
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
  exchange('users in another order', NOT_AFTER, `{"user":"${String(U2)}"`),
  twice('a user twice', NOT_AFTER, `{"user":"${String(U2)}"`),
  rewrite('a team twice', /team\.id: does not come after/, (lines) => {
    const at = lineWith(lines, `{"team":{"id":"${T3}"`);
    const end = lines.indexOf(']},', at);
    return lines.toSpliced(at, 0, ...lines.slice(at, end + 1));
  }),
  rewrite('teams in another order', /team\.id: does not come after/, (lines) => {
    const first = lineWith(lines, `{"team":{"id":"${T1}"`);
    const second = lineWith(lines, `{"team":{"id":"${T3}"`);
    const end = lines.indexOf(']},', second);
    const moved = lines.slice(second, end + 1);
    return lines.toSpliced(second, moved.length).toSpliced(first, 0, ...moved);
  }),
  rewrite('a missing team before existing ones', /team\.id: does not come after/, (lines) => {
    const first = lineWith(lines, `{"team":{"id":"${T1}"`);
    const second = lineWith(lines, `{"team":{"id":"${id('a', 2)}"`);
    const moved = lines.slice(second, lines.indexOf(']},', second) + 1);
    return lines.toSpliced(second, moved.length).toSpliced(first, 0, ...moved);
  }),
  inLine(
    'a live team that nobody created',
    /createdBy: is null/,
    `{"team":{"id":"${T1}"`,
    /"createdBy":"\w+"/,
    '"createdBy":null',
  ),
  inLine(
    'a deleted team that is left alone',
    /leaves such teams alone/,
    `{"team":{"id":"${T1}"`,
    '"state":"live"',
    '"state":"deleted"',
  ),
  inLine(
    'a missing team with a name',
    /team\.name: is not null/,
    `{"team":{"id":"${id('a', 2)}"`,
    '"name":null',
    '"name":"Ghost"',
  ),
  inLine(
    'a missing team with a creator',
    /team\.createdBy: is not null/,
    `{"team":{"id":"${id('a', 2)}"`,
    '"createdBy":null',
    `"createdBy":"${String(U1)}"`,
  ),
  exchange('the fields of one row in another order', NOT_AFTER, '"row":"31","field":"mongo_id"'),
  twice('a field of a row twice', NOT_AFTER, '"row":"31","field":"mongo_id"'),
  exchange('findings in another order', NOT_AFTER, '{"code":"missing-team"'),
  twice('a finding twice', NOT_AFTER, '{"code":"missing-team"'),
  without('a finding about a user left out', /calls for the finding/, '{"code":"owner-without-membership"'),
  without(
    'a finding about a missing team left out',
    /calls for the finding/,
    `{"code":"missing-team","team":"${id('a', 2)}"`,
  ),
  edit(
    'a finding that the facts contradict',
    /contradicts the finding/,
    `"unlinked-row","team":"${T3}","user":"${id('b', 8)}"`,
    `"unlinked-row","team":"${T1}","user":"${String(U2)}"`,
  ),
  edit(
    'a finding about a team that names a user',
    /concerns a whole team/,
    `"missing-team","team":"${id('a', 2)}","user":null`,
    `"missing-team","team":"${id('a', 2)}","user":"${String(U1)}"`,
  ),
  edit(
    'a finding about a user that names none',
    /concerns a user/,
    `"unlinked-row","team":"${T3}","user":"${id('b', 8)}"`,
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
    '"blocked":[\n',
    `"blocked":[\n{"code":"link-conflict","team":"${T3}","user":"${String(U5)}"},\n`,
  ),
  edit(
    'a user with changes who is blocked for a field of a row',
    /user: is blocked in this team \(malformed-row\)/,
    '"blocked":[\n',
    `"blocked":[\n{"code":"malformed-row","team":"${T3}","user":"${String(U5)}","at":{"store":"mongo","row":"1","field":"x"},"value":"7"},\n`,
  ),
  edit(
    'a blocked user of a missing team with changes',
    /user: is blocked/,
    '"blocked":[\n',
    `"blocked":[\n{"code":"link-conflict","team":"${id('a', 2)}","user":"${id('b', 4)}"},\n`,
  ),
  without(
    'a finding about a user of a missing team left out',
    /calls for the finding/,
    `"duplicate-active-role","team":"${id('a', 2)}"`,
  ),
];

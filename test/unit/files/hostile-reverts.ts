import { id } from './sample-plan.js';
import { sampleRevert } from './sample-revert.js';
import { edit, lineWith, rewrite, type BadPlan } from './spoil.js';

const GOOD = (await sampleRevert()).toString('utf8');

type Change = (text: string) => string;

/** Changes one user's line: all of it, the part that would be done, or the part that this takes back. */
function line(
  user: number,
  name: string,
  refusal: RegExp,
  { line = same, doing = same, undo = same }: { line?: Change; doing?: Change; undo?: Change },
): BadPlan {
  return rewrite(name, refusal, (lines) => {
    const at = lineWith(lines, `{"user":"${id('b', user)}"`);
    const text = String(lines[at]);
    const half = text.indexOf(',"undo":[');
    return lines.with(at, line(doing(text.slice(0, half)) + undo(text.slice(half))));
  });
}
const same: Change = (text) => text;

const one =
  (from: string | RegExp, to: string): Change =>
  (text) =>
    text.replace(from, to);
const each =
  (from: string, to: string): Change =>
  (text) =>
    text.replaceAll(from, to);

const [T1, D3, D4, D8] = [id('a', 1), id('d', 3), id('d', 4), id('d', 8)];
const NOT_INVERSE = /is not the inverse/;
const DOUBLED = /beside an active row of the same role/;
const NO_ROWS = '"observed":{"mongo":[],"postgres":[]}';

/** The one receipt that it names becomes these. */
function receipts(name: string, refusal: RegExp, ...digits: readonly string[]): BadPlan {
  const list = JSON.stringify(digits.map((digit) => `sha256:${digit.repeat(64)}`));
  return edit(name, refusal, /(?<="receipt":)"sha256:2{64}"/, list);
}

const SPOILT: readonly BadPlan[] = [
  receipts('a revert of receipts out of order', /reverts\.receipt: is not sorted/, '3', '2'),
  receipts('a revert that names a receipt twice', /reverts\.receipt: .*names something twice/, '2', '2'),
  receipts('a revert that names one receipt as a list', /reverts/, '2'),
  receipts('a revert that names an empty list of receipts', /reverts/),
  edit('a revert that names no receipt', /reverts/, /,"receipt":"sha256:2{64}"/, ''),
  edit('a revert as a fix', /reverts|kind/, 'kind', '"revert"', '"fix"'),
  edit('a revert without what it reverts', /reverts/, /"reverts":.*\n/, ''),
  edit('a revert with a filter', /filter: leaves teams out/, 'teams', 'null', `["${id('a', 1)}"]`),
  edit(
    'a revert with a finding',
    /code: is missing-team/,
    'findings',
    '[\n',
    `[\n{"code":"missing-team","team":"${id('a', 2)}","user":null}\n`,
  ),
  edit(
    'a revert with a block of fix plans',
    /code: is link-conflict/,
    'code',
    '"changed-since"',
    '"link-conflict"',
  ),
  edit('a revert of a blocked user', /is blocked in this team/, 'user', `"${id('b', 9)}"`, `"${id('b', 2)}"`),
  edit('a rule in a revert', /rule/, 'rule', '"undo"', '"owner-wants"'),
  line(1, 'a revert without undo', /undo/, { undo: () => '},' }),
  line(1, 'a revert that undoes nothing', /undo|too small/, { undo: () => ',"undo":[]},' }),
  line(2, 'an undo that is not undone', /not as many/, {
    line: one(/,\{"op":"insert","store":"postgres","role":"viewer".*?"weight":"1.10"\}\}/, ''),
  }),
  line(1, 'a change that undoes nothing', /not as many/, {
    undo: one(/,\{"op":"insert","store":"postgres".*\}\]/, ']'),
  }),
  line(2, 'a document that comes back with another value', /changes\[0\]: is not the inverse/, {
    doing: one('9007199254740993', '9007199254740994'),
  }),
  line(2, 'a document that comes back in another order', NOT_INVERSE, {
    doing: one(/("scope":"TEAM"),("team_id":\{"\$oid":"\w+"\})/, '$2,$1'),
  }),
  line(2, 'a row that comes back with its serial id', NOT_INVERSE, {
    doing: one('"after":{"mongo_id"', '"after":{"id":"12","mongo_id"'),
  }),
  line(2, 'a row that comes back with another role', NOT_INVERSE, { doing: each('"admin"', '"owner"') }),
  line(2, 'a role in the place of another', /does not say admin/, {
    line: each('"role_name":"admin"', '"role_name":"owner"'),
  }),
  line(4, 'a deletion instead of a deactivation', NOT_INVERSE, {
    line: each('"op":"deactivate"', '"op":"delete"'),
  }),
  line(3, 'an operation that does not fit its rows', /does not say/, {
    doing: each('"reactivate"', '"deactivate"'),
    undo: each('"deactivate"', '"reactivate"'),
  }),
  line(1, 'an insertion with a row before it', /undo/, { undo: one('"before":null', '"before":{}') }),
  line(2, 'a deletion without a row', /undo/, {
    undo: one(/"before":\{"_id".*?\}(?=,"after":null)/, '"before":null'),
  }),
  line(1, "another user's row", /does not say/, {
    line: each(`"user_id":"${id('b', 1)}"`, `"user_id":"${id('b', 2)}"`),
  }),
  line(1, "another team's row", /does not say/, {
    line: each(`"team_id":"${T1}"`, `"team_id":"${id('a', 2)}"`),
  }),
  line(1, 'a row of another scope', /does not say TEAM/, {
    line: each('"scope":"TEAM"', '"scope":"GLOBAL"'),
  }),
  line(3, 'rows before and after of two ids', /is not the row that before is/, {
    undo: one(`"before":{"_id":{"$oid":"${D4}"`, `"before":{"_id":{"$oid":"${D8}"`),
  }),
  line(3, 'rows before and after of two links', /is not the row that before is/, {
    undo: one(`"before":{"id":"14","mongo_id":"${D4}"`, `"before":{"id":"14","mongo_id":"${D8}"`),
  }),
  line(1, 'a row without a column', /is missing/, { line: each(',"sync_error":null', '') }),
  line(1, 'a row with an operator for an id', /_id: is not a well-formed id/, {
    line: each(`"_id":{"$oid":"${id('d', 1)}"}`, '"_id":{"$ne":null}'),
  }),
  line(1, 'an altered row that is not observed', /not observed/, {
    line: one(/"observed":\{.*?\]\}/, NO_ROWS),
  }),
  line(1, 'an altered row that is observed otherwise', /observed otherwise/, {
    line: one('"role":"owner","active"', '"role":"admin","active"'),
  }),
  line(1, 'an altered row that is observed under another link', /observed otherwise/, {
    line: one(`"mongoId":"${id('d', 1)}"`, '"mongoId":null'),
  }),
  line(2, 'an inactive row that nothing touches', /is inactive/, {
    line: one('"active":true', '"active":false'),
  }),
  line(2, 'a row that comes back and is there', /brings back a row that is observed/, {
    line: one(`{"id":"${D3}"`, `{"id":"${id('d', 2)}"`),
  }),
  line(2, 'a role that would be doubled in MongoDB', DOUBLED, {
    line: one('"role":"member","active"', '"role":"admin","active"'),
  }),
  line(2, 'a role that would be doubled in Postgres', DOUBLED, {
    line: one('"postgres":[]', '"postgres":[{"id":90,"mongoId":null,"role":"viewer","active":true}]'),
  }),
  line(3, 'a standing that the facts do not give', /standing: is not/, {
    line: one('"standing":"outsider"', '"standing":"owner"'),
  }),
  line(2, 'changes in another order', /does not come after|is not the inverse/, {
    line: (text) => {
      const swapped = text.replace(
        /"changes":\[(\{"op":"insert","store":"mongo".*?\}\}),(\{"op":"insert","store":"postgres","role":"admin".*?\}\})/,
        '"changes":[$2,$1',
      );
      return swapped.replace(
        /"undo":\[(\{"op":"delete","store":"mongo".*?"after":null\}),(\{"op":"delete","store":"postgres","role":"admin".*?"after":null\})/,
        '"undo":[$2,$1',
      );
    },
  }),
  line(1, 'a change made twice', /changes\[1\]: does not come after/, {
    line: (text) =>
      // Both entries of each list become the first one.
      text
        .replace(/"changes":\[(\{.*?\}\}),.*\],"undo"/, '"changes":[$1,$1],"undo"')
        .replace(/"undo":\[(\{.*?\}\}),.*\]\}/, '"undo":[$1,$1]}'),
  }),
  edit('a team that the revert moves', /createdBy|state|team/, 'state', '"live"', '"missing"'),
];

/** Revert plans that must never be executed. They are spoilt from a good one of their own. */
export const BAD_REVERTS: readonly BadPlan[] = SPOILT.map(({ name, refusal, spoil }) => ({
  name: `revert: ${name}`,
  refusal,
  spoil: () => spoil(GOOD),
}));

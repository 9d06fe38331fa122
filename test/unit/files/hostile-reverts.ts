import { id } from './sample-plan.js';
import { sampleRevert } from './sample-revert.js';
import { edit, lineWith, rewrite, type BadPlan } from './spoil.js';

const GOOD = (await sampleRevert()).toString('utf8');

/** Changes the line of one user. */
function line(name: string, refusal: RegExp, user: number, change: (line: string) => string): BadPlan {
  return rewrite(name, refusal, (lines) => {
    const at = lineWith(lines, `{"user":"${id('b', user)}"`);
    return lines.map((text, index) => (index === at ? change(text) : text));
  });
}

/** Changes of the first part of a line, which is what would be done, and of the second, which is what it takes back. */
function halves(change: (doing: string, undo: string) => string): (line: string) => string {
  return (text) => {
    const at = text.indexOf(',"undo":[');
    return change(text.slice(0, at), text.slice(at));
  };
}

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
  edit('a revert as a fix', /reverts|kind/, '"kind":"revert"', '"kind":"fix"'),
  edit('a revert without what it reverts', /reverts/, /"reverts":.*\n/, ''),
  edit('a revert with a filter', /filter: leaves teams out/, '"teams":null', `"teams":["${id('a', 1)}"]`),
  edit(
    'a revert with a finding',
    /code: is missing-team/,
    '"findings":[\n',
    `"findings":[\n{"code":"missing-team","team":"${id('a', 2)}","user":null}\n`,
  ),
  edit(
    'a revert with a block of fix plans',
    /code: is link-conflict/,
    '"code":"changed-since"',
    '"code":"link-conflict"',
  ),
  edit(
    'a revert of a blocked user',
    /is blocked in this team/,
    `"user":"${id('b', 9)}"`,
    `"user":"${id('b', 2)}"`,
  ),
  edit('a rule in a revert', /rule/, '"rule":"undo"', '"rule":"owner-wants"'),
  line(
    'a revert without undo',
    /undo/,
    1,
    halves((doing) => `${doing}},`),
  ),
  line(
    'a revert that undoes nothing',
    /undo|too small/,
    1,
    halves((doing) => `${doing},"undo":[]},`),
  ),
  line('an undo that is not undone', /not as many/, 2, (text) =>
    text.replace(/,\{"op":"insert","store":"postgres","role":"viewer".*?"weight":"1.10"\}\}/, ''),
  ),
  line(
    'a change that undoes nothing',
    /not as many/,
    1,
    halves((doing, undo) => doing + undo.replace(/,\{"op":"insert","store":"postgres".*\}\]/, ']')),
  ),
  line(
    'a document that comes back with another value',
    /changes\[0\]: is not the inverse/,
    2,
    halves((doing, undo) => doing.replace('9007199254740993', '9007199254740994') + undo),
  ),
  line(
    'a document that comes back in another order',
    /is not the inverse/,
    2,
    halves(
      (doing, undo) =>
        doing.replace(
          '"scope":"TEAM","team_id":{"$oid":"' + id('a', 1) + '"}',
          '"team_id":{"$oid":"' + id('a', 1) + '"},"scope":"TEAM"',
        ) + undo,
    ),
  ),
  line(
    'a row that comes back with its serial id',
    /is not the inverse/,
    2,
    halves((doing, undo) => doing.replace('"after":{"mongo_id"', '"after":{"id":"12","mongo_id"') + undo),
  ),
  line(
    'a row that comes back with another role',
    /is not the inverse/,
    2,
    halves((doing, undo) => doing.replaceAll('"admin"', '"owner"') + undo),
  ),
  line('a role in the place of another', /does not say admin/, 2, (text) =>
    text.replaceAll('"role_name":"admin"', '"role_name":"owner"'),
  ),
  line('a deletion instead of a deactivation', /is not the inverse/, 4, (text) =>
    text.replaceAll('"op":"deactivate"', '"op":"delete"'),
  ),
  line(
    'an operation that does not fit its rows',
    /does not say/,
    3,
    halves(
      (doing, undo) =>
        doing.replaceAll('"op":"reactivate"', '"op":"deactivate"') +
        undo.replaceAll('"op":"deactivate"', '"op":"reactivate"'),
    ),
  ),
  line(
    'an insertion with a row before it',
    /undo/,
    1,
    halves((doing, undo) => doing + undo.replace('"before":null', '"before":{}')),
  ),
  line(
    'a deletion without a row',
    /undo/,
    2,
    halves(
      (doing, undo) =>
        doing + undo.replace(/"before":\{"_id".*?\},"after":null/, '"before":null,"after":null'),
    ),
  ),
  line("another user's row", /does not say/, 1, (text) =>
    text.replaceAll(`"user_id":"${id('b', 1)}"`, `"user_id":"${id('b', 2)}"`),
  ),
  line("another team's row", /does not say/, 1, (text) =>
    text.replaceAll(`"team_id":"${id('a', 1)}"`, `"team_id":"${id('a', 2)}"`),
  ),
  line('a row of another scope', /does not say TEAM/, 1, (text) =>
    text.replaceAll('"scope":"TEAM"', '"scope":"GLOBAL"'),
  ),
  line(
    'rows before and after of two ids',
    /is not the row that before is/,
    3,
    halves(
      (doing, undo) =>
        doing +
        undo.replace(`"before":{"_id":{"$oid":"${id('d', 4)}"}`, `"before":{"_id":{"$oid":"${id('d', 8)}"}`),
    ),
  ),
  line(
    'rows before and after of two links',
    /is not the row that before is/,
    3,
    halves(
      (doing, undo) =>
        doing +
        undo.replace(
          `"before":{"id":"14","mongo_id":"${id('d', 4)}"`,
          `"before":{"id":"14","mongo_id":"${id('d', 8)}"`,
        ),
    ),
  ),
  line('a row without a column', /is missing/, 1, (text) => text.replaceAll(',"sync_error":null', '')),
  line('a row with an operator for an id', /_id: is not a well-formed id/, 1, (text) =>
    text.replaceAll(`"_id":{"$oid":"${id('d', 1)}"}`, '"_id":{"$ne":null}'),
  ),
  line('an altered row that is not observed', /not observed/, 1, (text) =>
    text.replace(/"observed":\{.*?\]\}/, '"observed":{"mongo":[],"postgres":[]}'),
  ),
  line('an altered row that is observed otherwise', /observed otherwise/, 1, (text) =>
    text.replace('"role":"owner","active":true', '"role":"admin","active":true'),
  ),
  line('an altered row that is observed under another link', /observed otherwise/, 1, (text) =>
    text.replace(`"mongoId":"${id('d', 1)}"`, '"mongoId":null'),
  ),
  line('an inactive row that nothing touches', /is inactive/, 2, (text) =>
    text.replace('"active":true', '"active":false'),
  ),
  line('a row that comes back and is there', /brings back a row that is observed/, 2, (text) =>
    text.replace(`{"id":"${id('d', 3)}"`, `{"id":"${id('d', 2)}"`),
  ),
  line('a role that would be doubled in MongoDB', /beside an active row of the same role/, 2, (text) =>
    text.replace('"role":"member","active":true', '"role":"admin","active":true'),
  ),
  line('a role that would be doubled in Postgres', /beside an active row of the same role/, 2, (text) =>
    text.replace('"postgres":[]', '"postgres":[{"id":90,"mongoId":null,"role":"viewer","active":true}]'),
  ),
  line('a standing that the facts do not give', /standing: is not/, 3, (text) =>
    text.replace('"standing":"outsider"', '"standing":"owner"'),
  ),
  line('changes in another order', /does not come after|is not the inverse/, 2, (text) => {
    const swapped = text.replace(
      /"changes":\[(\{"op":"insert","store":"mongo".*?\}\}),(\{"op":"insert","store":"postgres","role":"admin".*?\}\})/,
      '"changes":[$2,$1',
    );
    return swapped.replace(
      /"undo":\[(\{"op":"delete","store":"mongo".*?"after":null\}),(\{"op":"delete","store":"postgres","role":"admin".*?"after":null\})/,
      '"undo":[$2,$1',
    );
  }),
  line('a change made twice', /changes\[1\]: does not come after/, 1, (text) =>
    // Both entries of each list become the first one.
    text
      .replace(/"changes":\[(\{.*?\}\}),.*\],"undo"/, '"changes":[$1,$1],"undo"')
      .replace(/"undo":\[(\{.*?\}\}),.*\]\}/, '"undo":[$1,$1]}'),
  ),
  edit('a team that the revert moves', /createdBy|state|team/, '"state":"live"', '"state":"missing"'),
];

/** Revert plans that must never be executed. They are spoilt from a good one of their own. */
export const BAD_REVERTS: readonly BadPlan[] = SPOILT.map(({ name, refusal, spoil }) => ({
  name: `revert: ${name}`,
  refusal,
  spoil: () => spoil(GOOD),
}));

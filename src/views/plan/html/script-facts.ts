/** Browser script, second part: builds elements. Texts become text nodes only, so that no name can be markup. */
export const SCRIPT_FACTS = String.raw`
function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function number(count) {
  return count.toLocaleString('en-US');
}

function code(text) {
  return element('code', '', text);
}

/** The changes of a decision that the filters let through, equal ones of both stores as one. */
function changeTags(entry) {
  const tags = new Map();
  for (const change of entry[DECISION.changes]) {
    if (!letsChange(change)) continue;
    const key = change[CHANGE.op] + ' ' + change[CHANGE.role];
    const tag = tags.get(key) || { op: change[CHANGE.op], role: change[CHANGE.role], stores: new Set() };
    tag.stores.add(change[CHANGE.store]);
    tags.set(key, tag);
  }
  return [...tags.values()].sort((a, b) => a.op - b.op).map((tag) => {
    const op = words.ops[tag.op];
    const stores = [...tag.stores].sort().map((store) => words.stores[store].words).join(', ');
    return element('span', 'change ' + op.code,
      element('span', 'op ' + op.code, op.sign + ' ' + op.code), ' ', element('bdi', '', tag.role), ' ', element('span', 'store', stores));
  });
}

function table(heads, rows) {
  const body = element('tbody', '', ...rows.map((cells) => element('tr', '', ...cells.map((cell) => element('td', '', cell)))));
  return element('table', '', element('thead', '', element('tr', '', ...heads.map((head) => element('th', '', head)))), body);
}

function observedRows(entry) {
  const state = (active) => (active ? 'active' : 'inactive');
  return [
    ...entry[DECISION.mongo].map((row) => [words.stores[0].words, code(row[0]), element('bdi', '', row[1]), state(row[2]), '']),
    ...entry[DECISION.postgres].map((row) => [words.stores[1].words, code(row[0]), element('bdi', '', row[1]), state(row[2]),
      row[3] === null ? 'not linked' : element('span', '', 'linked to ', code(row[3]))]),
  ];
}

function image(change) {
  const op = words.ops[change[CHANGE.op]];
  const fields = data.shapes[change[CHANGE.shape]].map((field, at) => [field, code(change[CHANGE.values][at])]);
  const title = words.stores[change[CHANGE.store]].words + ' ' + (change[CHANGE.isNew] ? 'row as it will be' : 'row as it is');
  return element('div', '', element('h4', '', element('span', 'op ' + op.code, op.code), ' ' + title), table(['field', 'value'], fields));
}

/** Why a decision is as it is, and every row it is about. */
function facts(decision) {
  const { team, entry } = decision;
  const changes = entry[DECISION.changes];
  const rules = [...new Set(changes.map((change) => change[CHANGE.rule]))];
  const creator = team[TEAM.createdBy] === null ? 'nobody legible' : team[TEAM.createdBy];
  const observed = observedRows(entry);
  return element('div', 'facts',
    element('h4', '', 'Why'),
    ...rules.map((rule) => element('p', '', 'Because ' + words.rules[rule].words + '. ', element('span', 'store', words.rules[rule].code))),
    element('h4', '', 'What was read'),
    element('p', '', 'The team is ' + words.states[team[TEAM.state]] + ', created by ', code(creator), '. The user ',
      entry[DECISION.member] ? 'has an active membership.' : 'has no active membership.'),
    observed.length === 0 ? element('p', '', 'No role row of this user in this team.')
      : table(['store', 'row', 'role', 'state', 'link'], observed),
    element('h4', '', 'Changes'),
    table(['operation', 'store', 'role', 'row', 'rule'], changes.map((change) => {
      const op = words.ops[change[CHANGE.op]];
      const what = element('span', '', element('span', 'op ' + op.code, op.code), ' (' + op.words + ')');
      const row = element('span', '', change[CHANGE.isNew] ? (change[CHANGE.store] === 0 ? 'new ' : 'new, linked to ') : '', code(change[CHANGE.id]));
      return [what, words.stores[change[CHANGE.store]].words, element('bdi', '', change[CHANGE.role]), row, words.rules[change[CHANGE.rule]].code];
    })),
    element('div', 'images', ...changes.map(image)));
}
`;

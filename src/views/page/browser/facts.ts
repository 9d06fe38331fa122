import { filterHash } from '../filter-hash.js';
import { words, type Change, type Decision, type Team } from './decisions.js';
import { code, element, quantity } from './elements.js';
import type { Found } from './find.js';

export function teamHead({ id, name, state }: Team): HTMLElement {
  const link = element('a', '', code(id));
  link.href = filterHash({ team: [id] });
  return element(
    'h3',
    'team-head',
    'team ',
    link,
    `, ${state} `,
    name === null ? '' : element('bdi', '', name),
  );
}

/** A user's row, which opens to its facts. */
export function decisionRow(found: Found): HTMLDetailsElement {
  const { user, name, standing } = found.decision;
  const summary = element(
    'summary',
    '',
    element('code', 'user', user),
    ...(name === undefined ? [] : [element('bdi', 'user', name)]),
    element('span', 'standing', standing.words),
  );
  summary.append(...changeTags(found.changes));
  const row = element('details', 'decision', summary);
  // What is inside is built when it is first opened: most rows never are.
  row.addEventListener('toggle', () => {
    if (row.open) fill(row, found);
  });
  return row;
}

/** Builds what is inside of a row, unless it is there. */
export function fill(row: HTMLDetailsElement, found: Found): void {
  if (row.childElementCount === 1) row.append(facts(found));
}

/** Equal changes of both stores as one. */
function changeTags(changes: readonly Change[]): HTMLElement[] {
  const tags = new Map<string, Change[]>();
  for (const change of changes) {
    const key = `${change.op.code} ${change.role}`;
    tags.set(key, [...(tags.get(key) ?? []), change]);
  }
  const ordered = words.op.flatMap((op) => [...tags.values()].filter(([first]) => first?.op === op));
  return ordered.flatMap((equal) => {
    const [first] = equal;
    if (first === undefined) return [];
    const { op, role } = first;
    const stores = words.store.filter((store) => equal.some((change) => change.store === store));
    const held = element('span', 'store', stores.map((store) => store.words).join(', '));
    const mark = opMark(first, `${op.sign} `);
    return [element('span', `change ${op.code}`, mark, ' ', element('bdi', '', role), ' ', held)];
  });
}

function opMark({ op }: Change, sign = ''): HTMLElement {
  return element('span', `op ${op.code}`, sign + op.code);
}

type Cell = Node | string;

function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): HTMLElement {
  const line = (name: 'th' | 'td', cells: readonly Cell[]) =>
    element('tr', '', ...cells.map((cell) => element(name, '', cell)));
  const body = element('tbody', '', ...rows.map((cells) => line('td', cells)));
  return element('table', '', element('thead', '', line('th', heads)), body);
}

function observedRows({ mongo, postgres }: Decision): Cell[][] {
  const [inMongo = '', inPostgres = ''] = words.store.map((store) => store.words);
  const held = (id: string, role: string, active: 0 | 1): Cell[] => {
    return [code(id), element('bdi', '', role), active === 1 ? 'active' : 'inactive'];
  };
  return [
    ...mongo.map(([id, role, active]) => [inMongo, ...held(id, role, active), '']),
    ...postgres.map(([id, role, active, link]) => [
      inPostgres,
      ...held(id, role, active),
      link === null ? 'not linked' : element('span', '', 'linked to ', code(link)),
    ]),
  ];
}

function changedRow(change: Change): Cell[] {
  const { op, store, role, rule, isNew, id } = change;
  const kind = !isNew ? '' : store === words.store[0] ? 'new ' : 'new, linked to ';
  return [
    element('span', '', opMark(change), ` (${op.words})`),
    store.words,
    element('bdi', '', role),
    element('span', '', kind, code(id)),
    rule.code,
  ];
}

function image(change: Change): HTMLElement {
  const fields = change.fields.map((field, at) => [field, code(change.values[at] ?? '')]);
  const title = ` ${change.store.words} row as it ${change.isNew ? 'will be' : 'is'}`;
  return element('div', '', element('h4', '', opMark(change), title), table(['field', 'value'], fields));
}

/** Why a decision is as it is, and every row it is about. */
function facts({ decision, changes }: Found): HTMLElement {
  const { team, user, member } = decision;
  const observed = observedRows(decision);
  const others = decision.changes.length - changes.length;
  const all = element('a', '', 'All changes of this user');
  all.href = filterHash({ user: [user] });
  return element(
    'div',
    'facts',
    element('h4', '', 'Why'),
    ...[...new Set(changes.map(({ rule }) => rule))].map((rule) =>
      element('p', '', `Because ${rule.words}. `, element('span', 'store', rule.code)),
    ),
    element('h4', '', 'What was read'),
    element(
      'p',
      '',
      `The team is ${team.state}, created by `,
      code(team.createdBy ?? 'nobody legible'),
      ...(team.createdByName === undefined ? [] : [' ', element('bdi', '', team.createdByName)]),
      `. The user has ${member ? 'an active membership' : 'no active membership'}.`,
    ),
    observed.length === 0
      ? element('p', '', 'No role row of this user in this team.')
      : table(['store', 'row', 'role', 'state', 'link'], observed),
    element('h4', '', 'Changes'),
    table(['operation', 'store', 'role', 'row', 'rule'], changes.map(changedRow)),
    element('div', 'images', ...changes.map(image)),
    others === 0 ? '' : element('p', '', `The filter leaves ${quantity(others, 'other change')} out.`),
    element('p', '', all),
  );
}

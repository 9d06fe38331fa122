import { FILTER_KEYS, type FilterKey, type PageFilter } from '../filter-hash.js';
import { words, type Decision } from './decisions.js';
import { element, numeral } from './elements.js';

/** Of more roles than these only the most frequent have a chip. */
const LISTED_ROLES = 12;

const LEGENDS: Readonly<Record<FilterKey, string>> = {
  team: 'Team',
  user: 'User',
  role: 'Role',
  op: 'Operation',
  store: 'Store',
  standing: 'Standing',
  rule: 'Rule',
};

/** By key the values that always have a chip, and how often they occur. */
export type Choices = Readonly<Partial<Record<FilterKey, ReadonlyMap<string, number>>>>;

export function choicesOf(decisions: readonly Decision[]): Choices {
  const changes = decisions.flatMap((decision) => decision.changes);
  const found = {
    op: changes.map(({ op }) => op.code),
    store: changes.map(({ store }) => store.code),
    standing: decisions.map(({ standing }) => standing.code),
    rule: changes.map(({ rule }) => rule.code),
  };
  const inOrder = (key: keyof typeof found) => {
    const counts = [...counted(found[key])];
    return new Map(words[key].flatMap(({ code }) => counts.filter(([value]) => value === code)));
  };
  const roles = [...counted(changes.map(({ role }) => role))].sort(([, a], [, b]) => b - a);
  return {
    role: new Map(roles.slice(0, LISTED_ROLES)),
    op: inOrder('op'),
    store: inOrder('store'),
    standing: inOrder('standing'),
    rule: inOrder('rule'),
  };
}

function counted(values: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The buttons of a filter, those pressed that are chosen. What has none otherwise gets one for as long as it is chosen. */
export function filterChips(choices: Choices, filter: PageFilter): HTMLElement[] {
  return FILTER_KEYS.flatMap((key) => {
    const values = [...new Set([...(choices[key]?.keys() ?? []), ...filter[key]])];
    const chips = values.map((value) =>
      chip(key, value, choices[key]?.get(value), filter[key].includes(value)),
    );
    return chips.length === 0 ? [] : [element('fieldset', '', element('legend', '', LEGENDS[key]), ...chips)];
  });
}

function chip(key: FilterKey, value: string, count: number | undefined, chosen: boolean): HTMLElement {
  const known = key === 'team' || key === 'user' || key === 'role' ? undefined : words[key];
  const meaning = known?.find(({ code }) => code === value)?.words ?? value;
  const button = element('button', 'chip', element('bdi', '', key === 'store' ? meaning : value));
  if (count !== undefined) button.append(' ', element('span', 'count', numeral(count)));
  button.type = 'button';
  button.title = meaning;
  button.dataset['filter'] = `${key}:${value}`;
  button.setAttribute('aria-pressed', String(chosen));
  return button;
}

/** The filter in words, for paper. */
export function conditions(filter: PageFilter): string {
  const chosen = FILTER_KEYS.filter((key) => filter[key].length > 0);
  return [
    ...chosen.map((key) => `${LEGENDS[key]}: ${filter[key].join(' or ')}`),
    ...(filter.text === '' ? [] : [`Words: ${filter.text}`]),
  ].join('; ');
}

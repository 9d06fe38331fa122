import { filterHash, type PageFilter } from '../filter-hash.js';
import { words, type Decision } from './decisions.js';
import { code, element, numeral } from './elements.js';

const LISTED = 5;

/** One user or team, with how many roles it loses or gains; a role counts once, though each store has a row of it. */
interface Tally {
  readonly key: 'user' | 'team';
  readonly id: string;
  readonly name: string | null;
  count: number;
}

/** Who loses most, beside who gains most: people and teams, each with a link to these changes. */
export function mostCards(decisions: readonly Decision[]): HTMLElement[] {
  const ways = [
    { takesAway: true, title: 'Who loses most roles' },
    { takesAway: false, title: 'Who gains most roles' },
  ];
  return ways.flatMap(({ takesAway, title }) => {
    const [users, teams] = tallies(decisions, takesAway);
    if (users.length === 0) return [];
    const ops = words.op.filter((op) => op.takesAway === takesAway).map((op) => op.code);
    const kind = takesAway ? 'delete' : 'insert';
    return [element('div', 'card', element('h3', '', title), bars(users, ops, kind), bars(teams, ops, kind))];
  });
}

/** The largest of both keys. */
function tallies(decisions: readonly Decision[], takesAway: boolean): [Tally[], Tally[]] {
  const users = new Map<string, Tally>();
  const teams = new Map<string, Tally>();
  for (const { team, user, name, changes } of decisions) {
    const roles = new Set(changes.filter(({ op }) => op.takesAway === takesAway).map(({ role }) => role));
    if (roles.size === 0) continue;
    count(users, { key: 'user', id: user, name: name ?? null, count: 0 }, roles.size);
    count(teams, { key: 'team', id: team.id, name: team.name, count: 0 }, roles.size);
  }
  return [largest(users), largest(teams)];
}

function count(tallies: Map<string, Tally>, first: Tally, roles: number): void {
  const tally = tallies.get(first.id) ?? first;
  tallies.set(first.id, tally);
  tally.count += roles;
}

function largest(tallies: ReadonlyMap<string, Tally>): Tally[] {
  return [...tallies.values()].sort((a, b) => b.count - a.count).slice(0, LISTED);
}

function bars(tallies: readonly Tally[], op: PageFilter['op'], kind: string): HTMLElement {
  const most = tallies[0]?.count ?? 1;
  const rows = tallies.flatMap(({ key, id, name, count: roles }) => {
    const named = name === null ? [] : [element('bdi', '', name), ' '];
    const link = element('a', '', `${key} `, ...named, code(id));
    link.href = filterHash({ [key]: [id], op });
    const filled = element('div', kind);
    filled.style.width = `${String((100 * roles) / most)}%`;
    return [
      element('div', 'bar-label', link),
      element('div', 'bar', filled),
      element('div', 'bar-count', numeral(roles)),
    ];
  });
  return element('div', 'bars', ...rows);
}

import { FILTER_KEYS, filterHash, filterOfHash, type PageFilter } from '../filter-hash.js';
import { choicesOf, conditions, filterChips } from './chips.js';
import { readDecisions } from './decisions.js';
import { known, numeral, quantity } from './elements.js';
import { find } from './find.js';
import { FoundList } from './list.js';
import { mostCards } from './most.js';

const decisions = readDecisions();
const choices = choicesOf(decisions);
const search = known('search', HTMLInputElement);
const chips = known('filters', HTMLElement);
const list = new FoundList();
let filter = filterOfHash(location.hash);
/** Whether the newest entry of the browser's history came of typing: more typing takes its place. */
let typing = false;
let waiting = 0;

function refresh(): void {
  const found = find(decisions, filter);
  const changes = found.reduce((sum, one) => sum + one.changes.length, 0);
  if (search.value.trim() !== filter.text) search.value = filter.text;
  const focused = document.activeElement?.getAttribute('data-filter');
  chips.replaceChildren(...filterChips(choices, filter));
  for (const chip of chips.querySelectorAll('button')) if (chip.dataset['filter'] === focused) chip.focus();
  known('conditions', HTMLElement).textContent = conditions(filter);
  known('status', HTMLElement).textContent =
    found.length === 0
      ? 'Nothing matches.'
      : `${quantity(changes, 'change')} for ${numeral(found.length)} of ${quantity(decisions.length, 'user')}`;
  list.show(found);
}

/** The address holds the filter: it can be shared, and "back" takes a step back. */
function choose(next: PageFilter, kind: 'typed' | 'clicked'): void {
  filter = next;
  clearTimeout(waiting);
  const how = kind === 'typed' && typing ? 'replaceState' : 'pushState';
  typing = kind === 'typed';
  history[how](null, '', filterHash(filter));
  refresh();
}

function toggle(chip: HTMLElement): void {
  const key = FILTER_KEYS.find((each) => chip.dataset['filter']?.startsWith(`${each}:`));
  if (key === undefined) return;
  const value = chip.dataset['filter']?.slice(key.length + 1) ?? '';
  const others = filter[key].filter((chosen) => chosen !== value);
  choose({ ...filter, [key]: others.length < filter[key].length ? others : [...others, value] }, 'clicked');
}

function seek(text: string): void {
  if (text.trim() !== filter.text) choose({ ...filter, text: text.trim() }, 'typed');
}

search.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    seek(search.value);
  }, 120);
});
known('clear', HTMLButtonElement).addEventListener('click', () => {
  choose(filterOfHash(''), 'clicked');
  search.focus();
});
document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element) || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const chip = event.target.closest<HTMLElement>('[data-filter]');
  const link = event.target.closest<HTMLAnchorElement>('a[href^="#"]');
  if (chip !== null) toggle(chip);
  else if (link !== null) {
    event.preventDefault();
    choose(filterOfHash(link.hash), 'clicked');
    known('decisions', HTMLElement).focus();
  }
});
addEventListener('hashchange', () => {
  typing = false;
  filter = filterOfHash(location.hash);
  refresh();
});

/** What a key does where the focus is; `ignored` leaves it to the browser. */
function press(key: string): 'done' | 'ignored' {
  const at = document.activeElement;
  if (key === '/' && at !== search) {
    search.focus();
    search.select();
  } else if (at === search && (key === 'Escape' || key === 'Enter')) {
    if (key === 'Escape') search.value = '';
    seek(search.value);
  } else {
    const [step, unit] = MOVES[key] ?? [];
    const inList = at?.closest('#list summary, #list .team-head') ?? null;
    if (
      step === undefined ||
      unit === undefined ||
      (inList === null && (at !== search || key !== 'ArrowDown'))
    )
      return 'ignored';
    if (list.move(step, unit) === 'left') search.focus();
  }
  return 'done';
}

const MOVES: Readonly<Record<string, readonly [-1 | 1, 'row' | 'team']>> = {
  ArrowUp: [-1, 'row'],
  ArrowDown: [1, 'row'],
  ArrowLeft: [-1, 'team'],
  ArrowRight: [1, 'team'],
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (press(event.key) === 'done') event.preventDefault();
});

let closed: readonly HTMLDetailsElement[] = [];
addEventListener('beforeprint', () => {
  closed = [...document.querySelectorAll<HTMLDetailsElement>('.concern:not([open])')];
  for (const details of closed) details.open = true;
  list.renderWhole();
});
addEventListener('afterprint', () => {
  for (const details of closed) details.open = false;
  list.render();
});

known('most', HTMLElement).append(...mostCards(decisions));
refresh();
if (filterHash(filter) !== '#') known('decisions', HTMLElement).focus();
document.documentElement.dataset['ready'] = String(Math.round(performance.now()));

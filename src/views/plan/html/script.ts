import { SCRIPT_DATA } from './script-data.js';
import { SCRIPT_FACTS } from './script-facts.js';

/** Third part: the list, a page at a time so that it stays quick, and the keyboard. */
const SCRIPT_LIST = String.raw`
const PAGE = 100;
const PRINTED = 2000;
let page = 0;

const list = document.getElementById('list');
const search = /** @type {HTMLInputElement} */ (document.getElementById('search'));
const status = document.getElementById('status');
const place = document.getElementById('place');
const previous = /** @type {HTMLButtonElement} */ (document.getElementById('previous'));
const next = /** @type {HTMLButtonElement} */ (document.getElementById('next'));

function row(decision) {
  const standing = words.standings[decision.entry[DECISION.standing]];
  const made = element('details', 'decision', element('summary', '',
    element('code', 'user', decision.entry[DECISION.user]), element('span', 'standing', standing.words), ...changeTags(decision.entry)));
  // What is inside is built when it is first opened: most rows never are.
  made.addEventListener('toggle', () => {
    if (made.open && made.childElementCount === 1) made.append(facts(decision));
  });
  return made;
}

function teamHead(team) {
  const name = team[TEAM.name];
  return element('h3', 'team-head', 'team ', code(team[TEAM.id]), ', ' + words.states[team[TEAM.state]] + ' ',
    name === null ? '' : element('bdi', '', name));
}

function show(from, to) {
  const rows = [];
  let team;
  for (const decision of found.slice(from, to)) {
    if (decision.team !== team) rows.push(teamHead(decision.team));
    team = decision.team;
    rows.push(row(decision));
  }
  list.replaceChildren(...rows);
}

function render() {
  const pages = Math.max(1, Math.ceil(found.length / PAGE));
  page = Math.min(Math.max(0, page), pages - 1);
  show(page * PAGE, (page + 1) * PAGE);
  previous.disabled = page === 0;
  next.disabled = page === pages - 1;
  place.textContent = 'Page ' + number(page + 1) + ' of ' + number(pages);
  status.textContent = found.length === 0 ? 'Nothing matches.'
    : number(foundChanges) + (foundChanges === 1 ? ' change' : ' changes') + ' for ' + number(found.length) + ' of ' +
      number(decisions.length) + ' users';
}

function refresh() {
  find();
  page = 0;
  render();
}

function turn(step, focus) {
  const before = page;
  page += step;
  render();
  if (page === before) return;
  const summaries = list.querySelectorAll('summary');
  const target = focus === 'last' ? summaries[summaries.length - 1] : summaries[0];
  if (target) { target.focus(); target.scrollIntoView({ block: 'center' }); }
}

function chip(group, at, entry, count) {
  const label = group === 'store' ? entry.words : entry.code;
  const made = element('button', 'chip', label + ' ', element('span', 'count', number(count)));
  made.type = 'button';
  made.title = entry.words;
  made.dataset.filter = group + ':' + entry.code;
  made.setAttribute('aria-pressed', 'false');
  made.addEventListener('click', () => {
    if (chosen[group].delete(at) === false) chosen[group].add(at);
    made.setAttribute('aria-pressed', String(chosen[group].has(at)));
    refresh();
  });
  return made;
}

function filterGroup(group, legend, entries) {
  const counts = entries.map(() => 0);
  for (const { entry } of decisions) {
    if (group === 'standing') counts[entry[DECISION.standing]] += 1;
    else for (const change of entry[DECISION.changes]) counts[change[CHANGE[group]]] += 1;
  }
  const chips = entries.map((entry, at) => chip(group, at, entry, counts[at]))
    .filter((made, at) => counts[at] > 0);
  document.getElementById('filters').append(element('fieldset', '', element('legend', '', legend), ...chips));
}

function seek(text) {
  search.value = text;
  sought = text.trim().toLowerCase();
  refresh();
}

function clearAll() {
  for (const group of Object.values(chosen)) group.clear();
  for (const made of document.querySelectorAll('.chip')) made.setAttribute('aria-pressed', 'false');
  seek('');
  search.focus();
}

function move(step) {
  const summaries = [...list.querySelectorAll('summary')];
  const at = summaries.findIndex((summary) => summary === document.activeElement);
  const target = summaries[at + step];
  if (at === 0 && step < 0 && page === 0) search.focus();
  else if (target) target.focus();
  else turn(step, step < 0 ? 'last' : 'first');
}

let waiting = 0;
search.addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => seek(search.value), 120);
});
document.getElementById('clear').addEventListener('click', clearAll);
previous.addEventListener('click', () => turn(-1, 'first'));
next.addEventListener('click', () => turn(1, 'first'));
const links = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('.team-link'));
for (const link of links) {
  link.addEventListener('click', () => {
    seek(link.dataset.team);
    document.getElementById('decisions').scrollIntoView();
  });
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const inList = document.activeElement !== null && document.activeElement.closest('#list summary') !== null;
  if (event.key === '/' && document.activeElement !== search) { search.focus(); search.select(); }
  else if (event.key === 'Escape' && document.activeElement === search) seek('');
  else if (event.key === 'ArrowDown' && document.activeElement === search) { const first = list.querySelector('summary'); if (first) first.focus(); }
  else if (event.key === 'Enter' && document.activeElement === search) { clearTimeout(waiting); seek(search.value); }
  else if (event.key === 'ArrowDown' && inList) move(1);
  else if (event.key === 'ArrowUp' && inList) move(-1);
  else return;
  event.preventDefault();
});
addEventListener('beforeprint', () => {
  show(0, PRINTED);
  if (found.length > PRINTED) list.append(element('p', '', 'The first ' + number(PRINTED) + ' of ' + number(found.length) + ' users are printed.'));
});
addEventListener('afterprint', render);

filterGroup('op', 'Operation', words.ops);
filterGroup('store', 'Store', words.stores);
filterGroup('standing', 'Standing', words.standings);
filterGroup('rule', 'Rule', words.rules);
refresh();
document.documentElement.dataset.ready = String(Math.round(performance.now()));
`;

/** The one script of the report. It fetches nothing and makes no markup from texts. */
export const SCRIPT = `'use strict';\n(() => {${SCRIPT_DATA}${SCRIPT_FACTS}${SCRIPT_LIST}})();\n`;

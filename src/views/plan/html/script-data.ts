/** Browser script, first part: reads the data of `report-data.ts`, and finds what search and filters let through. */
export const SCRIPT_DATA = String.raw`
const words = JSON.parse(document.getElementById('report-words').textContent);
const data = JSON.parse(document.getElementById('report-teams').textContent);

// Places in the arrays that report-data.ts describes.
const TEAM = { id: 0, name: 1, state: 2, createdBy: 3, decisions: 4 };
const DECISION = { user: 0, standing: 1, member: 2, mongo: 3, postgres: 4, changes: 5 };
const CHANGE = { op: 0, store: 1, role: 2, rule: 3, isNew: 4, id: 5, shape: 6, values: 7 };

const decisions = [];
for (const team of data.teams) {
  for (const entry of team[TEAM.decisions]) decisions.push({ team, entry, text: '' });
}

/** Which buttons are pressed, as numbers; none pressed in a group lets everything through. */
const chosen = { op: new Set(), store: new Set(), rule: new Set(), standing: new Set() };
let sought = '';
let found = [];
let foundChanges = 0;

function lets(set, number) {
  return set.size === 0 || set.has(number);
}

function letsChange(change) {
  return lets(chosen.op, change[CHANGE.op]) && lets(chosen.store, change[CHANGE.store]) && lets(chosen.rule, change[CHANGE.rule]);
}

/** Everything of a decision that can be searched for, in lower case; made when it is first needed. */
function textOf(decision) {
  if (decision.text === '') {
    const parts = [decision.team[TEAM.id], decision.team[TEAM.name] || '', decision.entry[DECISION.user]];
    for (const change of decision.entry[DECISION.changes]) parts.push(change[CHANGE.role], change[CHANGE.id]);
    decision.text = parts.join('\n').toLowerCase();
  }
  return decision.text;
}

function find() {
  found = [];
  foundChanges = 0;
  for (const decision of decisions) {
    if (!lets(chosen.standing, decision.entry[DECISION.standing])) continue;
    const changes = decision.entry[DECISION.changes].filter(letsChange);
    if (changes.length === 0) continue;
    if (sought !== '' && !textOf(decision).includes(sought)) continue;
    found.push(decision);
    foundChanges += changes.length;
  }
}
`;

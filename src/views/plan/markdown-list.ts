import type { PlanHeader } from '../../files/plan/schema.js';
import { STORES } from '../../model/store.js';
import { changeLines, type ChangedRow } from './change-lines.js';
import { concernedText, type Concerns } from './concerns.js';
import { STANDING_WORDS, STORE_NAMES, TEAM_STATE_WORDS, type Quote } from './rule-words.js';
import type { MarkdownList, Space } from '../markdown.js';
import { markdownCode } from '../safe-text.js';
import type { ShownDecision, ShownTeam } from './shown-plan.js';

/** The changes of these teams, a line a user, while there is room; the rest is only counted. */
export async function changesList(
  teams: AsyncIterable<ShownTeam>,
  header: PlanHeader,
  space: Space,
): Promise<MarkdownList> {
  const list = { text: '', found: 0, listed: 0 };
  for await (const { team, decisions } of teams) {
    let head = teamLine(team);
    for (const decision of decisions) {
      const { length } = decision.changes;
      list.found += length;
      const lines = list.listed + length < list.found ? '' : head + userLine(decision, header);
      if (lines === '' || !space.takes(lines)) continue;
      list.listed += length;
      list.text += lines;
      head = '';
    }
  }
  return list;
}

/** Findings or blocked entries, a line each, while there is room; the rest is only counted. */
export function concernsList({ groups }: Concerns, space: Space): MarkdownList {
  const list = { text: '', found: 0, listed: 0 };
  for (const { code, count, first } of groups) {
    list.found += count;
    for (const concern of first) {
      const line = `- ${code}: ${concernedText(concern, markdownCode)}\n`;
      if (!space.takes(line)) continue;
      list.listed += 1;
      list.text += line;
    }
  }
  return list;
}

function teamLine({ id, state, createdBy, createdByName, name }: ShownTeam['team']): string {
  const called = createdByName === undefined ? '' : ` (${markdownCode(createdByName)})`;
  const creator = createdBy === null ? '' : `, created by ${markdownCode(createdBy)}${called}`;
  // The name stands last: one in a right-to-left script can then disorder nothing but itself.
  const named = name === null ? '' : `, named ${markdownCode(name)}`;
  return `- **team** ${markdownCode(id)}, ${TEAM_STATE_WORDS[state]}${creator}${named}\n`;
}

function userLine(decision: ShownDecision, header: PlanHeader): string {
  const parts = changeLines(decision, header.mapping).flatMap(({ rule, lines }) =>
    lines.map(
      ({ op, role, rows }) => `**${op}** ${markdownCode(role)} (${rowsWords(rows, markdownCode)}; ${rule})`,
    ),
  );
  const called = decision.name === undefined ? '' : ` (${markdownCode(decision.name)})`;
  return `  - user ${markdownCode(decision.user)}${called}, ${STANDING_WORDS[decision.standing]}: ${parts.join(', ')}\n`;
}

/** The rows of a change, within a sentence. */
export function rowsWords(rows: readonly ChangedRow[], quote: Quote): string {
  const stores = STORES.filter((store) => rows.some((row) => row.store === store));
  // Both copies of a new row share its link.
  const [link, ...others] = new Set(rows.map(({ id }) => id));
  if (link !== undefined && others.length === 0 && rows.every(({ isNew }) => isNew))
    return `${stores.map((store) => STORE_NAMES[store]).join(' and ')}, linked by ${quote(link)}`;
  const inStores = stores.map((store) => {
    const ids = rows.filter((row) => row.store === store).map(({ id }) => quote(id));
    return `${STORE_NAMES[store]} ${ids.join(' and ')}`;
  });
  return inStores.join(', ');
}

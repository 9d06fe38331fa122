import type { PlanHeader } from '../files/plan/schema.js';
import type { Block, Finding } from '../model/finding.js';
import { STORES } from '../model/role-row.js';
import { changeLines, type ChangedRow } from './change-lines.js';
import type { ConcernGroup } from './concern-groups.js';
import type { Space } from './markdown-space.js';
import { STANDING_WORDS, STORE_NAMES, TEAM_STATE_WORDS } from './rule-words.js';
import { markdownCode } from './safe-text.js';
import type { ShownDecision, ShownTeam } from './shown-plan.js';

/** A Markdown list of as many entries as there was room for. */
export interface MarkdownList {
  readonly text: string;
  /** How many things there are: changes, or findings and blocked entries. */
  readonly found: number;
  /** How many of them are in the text. */
  readonly listed: number;
}

/** The changes of these teams, a line for each user, while there is room; the rest is only counted. */
export async function changesList(
  teams: AsyncIterable<ShownTeam>,
  header: PlanHeader,
  space: Space,
): Promise<MarkdownList> {
  let text = '';
  let found = 0;
  let listed = 0;
  let room: 'fits' | 'full' = 'fits';
  for await (const { team, decisions } of teams) {
    let head = teamLine(team);
    for (const decision of decisions) {
      found += decision.changes.length;
      if (room === 'full') continue;
      const lines = head + userLine(decision, header);
      room = space.take(lines);
      if (room === 'full') continue;
      listed += decision.changes.length;
      text += lines;
      head = '';
    }
  }
  return { text, found, listed };
}

/** The teams and users of findings or blocked entries, while there is room. */
export function concernsList<C extends Finding | Block>(
  groups: readonly ConcernGroup<C>[],
  space: Space,
): MarkdownList {
  let text = '';
  let found = 0;
  let listed = 0;
  for (const { count, first } of groups) {
    found += count;
    for (const { code, team, user } of first) {
      const where = team === null ? 'team unreadable' : `team ${markdownCode(team)}`;
      const line = `- ${code}: ${where}${user === null ? '' : `, user ${markdownCode(user)}`}\n`;
      if (space.take(line) === 'full') continue;
      listed += 1;
      text += line;
    }
  }
  return { text, found, listed };
}

function teamLine({ id, state, createdBy, name }: ShownTeam['team']): string {
  const creator = createdBy === null ? '' : `, created by ${markdownCode(createdBy)}`;
  // The name stands last: one in a right-to-left script can then disorder nothing but itself.
  const named = name === null ? '' : `, named ${markdownCode(name)}`;
  return `- **team** ${markdownCode(id)}, ${TEAM_STATE_WORDS[state]}${creator}${named}\n`;
}

function userLine(decision: ShownDecision, header: PlanHeader): string {
  const parts = changeLines(decision, header.mapping).flatMap(({ rule, lines }) =>
    lines.map(({ op, role, rows }) => `**${op}** ${markdownCode(role)} (${rowsWords(rows)}; ${rule})`),
  );
  return `  - user ${markdownCode(decision.user)}, ${STANDING_WORDS[decision.standing]}: ${parts.join(', ')}\n`;
}

function rowsWords(rows: readonly ChangedRow[]): string {
  const stores = STORES.filter((store) => rows.some((row) => row.store === store));
  // A new row is found by the link that both copies share.
  const links = new Set(rows.filter((row) => row.kind === 'new').map((row) => row.id));
  if (links.size === 1 && rows.every((row) => row.kind === 'new')) {
    return `${stores.map((store) => STORE_NAMES[store]).join(' and ')}, linked by ${rows
      .slice(0, 1)
      .map(({ id }) => markdownCode(id))
      .join()}`;
  }
  return stores
    .map((store) => {
      const ids = rows.filter((row) => row.store === store).map(({ id }) => markdownCode(id));
      return `${STORE_NAMES[store]} ${ids.join(' and ')}`;
    })
    .join(', ');
}

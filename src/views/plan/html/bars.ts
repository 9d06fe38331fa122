import { isDestructive } from '../../../model/change.js';
import type { Summary } from '../../../files/plan/schema.js';
import { STORES } from '../../../model/store.js';
import { numeral } from '../../quantity.js';
import { OPS_BY_WEIGHT, STORE_NAMES } from '../rule-words.js';
import { htmlText } from '../../safe-text.js';
import type { ShownTeam } from '../shown-plan.js';

/** How many roles a team loses. */
export interface Losses {
  readonly team: ShownTeam['team'];
  readonly removals: number;
}

/** The teams that lose most roles, the most first; equal ones in plan order. */
export async function largestLosses(
  teams: AsyncIterable<ShownTeam>,
  keep: number,
): Promise<readonly Losses[]> {
  let largest: Losses[] = [];
  for await (const { team, decisions } of teams) {
    const removals = decisions.flatMap(({ changes }) => changes).filter(({ op }) => isDestructive(op)).length;
    if (removals === 0) continue;
    if (largest.length === keep && removals <= (largest.at(-1)?.removals ?? 0)) continue;
    largest = [...largest, { team, removals }].sort((a, b) => b.removals - a.removals).slice(0, keep);
  }
  return largest;
}

/** The totals: for each operation one bar a store, all to one scale. */
export function totalsBars({ changes }: Summary): string {
  const most = Math.max(1, ...STORES.flatMap((store) => Object.values(changes[store])));
  const rows = OPS_BY_WEIGHT.flatMap((op) =>
    STORES.map((store) => {
      const label = `<span class="op ${op}">${op}</span> <span class="store">${STORE_NAMES[store]}</span>`;
      return barRow(label, changes[store][op], most, `${op} ${store}`);
    }),
  );
  return `<div class="bars totals">${rows.join('')}</div>`;
}

/** A bar for each team, with a button that searches for it. */
export function lossesBars(losses: readonly Losses[]): string {
  const most = Math.max(1, ...losses.map(({ removals }) => removals));
  const rows = losses.map(({ team, removals }) => {
    const name = team.name === null ? '' : ` <bdi>${htmlText(team.name, 40)}</bdi>`;
    const label = `<button type="button" class="team-link" data-team="${htmlText(team.id)}" title="Show this team"><code>${htmlText(team.id)}</code>${name}</button>`;
    return barRow(label, removals, most, 'removals');
  });
  return `<div class="bars">${rows.join('')}</div>`;
}

function barRow(label: string, count: number, most: number, kind: string): string {
  // A single change must stay visible.
  const width = count === 0 ? 0 : Math.max(0.6, (100 * count) / most);
  return (
    `<div class="bar-label">${label}</div>` +
    `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">` +
    `<rect class="track" width="100" height="10"/><rect class="${kind}" width="${width.toFixed(2)}" height="10"/></svg>` +
    `<div class="bar-count">${numeral(count)}</div>`
  );
}

import type { Summary } from '../../files/plan/schema.js';
import { STORES } from '../../model/store.js';
import { numeral } from '../quantity.js';
import type { Terminal } from '../terminal.js';
import { OPS_BY_WEIGHT, STORE_NAMES } from './rule-words.js';

/** The changes of both stores by operation, as a table of a terminal. */
export function changesTable(changes: Summary['changes'], terminal: Terminal): string {
  const head = `  ${''.padEnd(11)}${OPS_BY_WEIGHT.map((op) => op.padStart(12)).join('')}\n`;
  const rows = STORES.map((store) => {
    const cells = OPS_BY_WEIGHT.map((op) => {
      const count = changes[store][op];
      const cell = numeral(count).padStart(12);
      return count === 0 ? terminal.faint(cell) : terminal.op[op](cell);
    });
    return `  ${STORE_NAMES[store].padEnd(11)}${cells.join('')}\n`;
  });
  return terminal.faint(head) + rows.join('');
}

/** The same as a table of Markdown. */
export function changesGrid(changes: Summary['changes']): string {
  const rows = STORES.map((store) => {
    const cells = OPS_BY_WEIGHT.map((op) => numeral(changes[store][op]));
    return `| ${STORE_NAMES[store]} | ${cells.join(' | ')} |\n`;
  });
  return `| | ${OPS_BY_WEIGHT.join(' | ')} |\n|---|${'--:|'.repeat(OPS_BY_WEIGHT.length)}\n${rows.join('')}\n`;
}

/** The same as a card of a page: a bar each, all to one scale. */
export function totalsCard(title: string, changes: Summary['changes']): string {
  const most = Math.max(1, ...STORES.flatMap((store) => Object.values(changes[store])));
  const rows = OPS_BY_WEIGHT.flatMap((op) =>
    STORES.map((store) => {
      const count = changes[store][op];
      // A single change must stay visible.
      const width = count === 0 ? 0 : Math.max(0.6, (100 * count) / most);
      return (
        `<div><span class="op ${op}">${op}</span> <span class="store">${STORE_NAMES[store]}</span></div>` +
        `<svg class="bar ${op}" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">` +
        `<rect class="${store}" width="${width.toFixed(2)}" height="10"/></svg><div class="bar-count">${numeral(count)}</div>`
      );
    }),
  );
  return `<div class="card"><h3>${title}</h3><div class="bars">${rows.join('')}</div></div>\n`;
}

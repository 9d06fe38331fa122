import type { TableEffect } from '../model/outcome.js';
import { numeral } from './quantity.js';
import { visibleText } from './safe-text.js';

/** What the table's own triggers and rules wrote besides, added up by table; empty where that is nothing. */
export function triggeredText(effects: Iterable<TableEffect>): string {
  const sums = new Map<string, TableEffect>();
  for (const { table, ...more } of effects) {
    const sum = sums.get(table) ?? { table, inserted: 0, updated: 0, deleted: 0 };
    sums.set(table, {
      table,
      inserted: sum.inserted + more.inserted,
      updated: sum.updated + more.updated,
      deleted: sum.deleted + more.deleted,
    });
  }
  const tables = [...sums.values()].map(({ table, ...counts }) => {
    const rows = Object.entries(counts).flatMap(([how, count]) =>
      count > 0 ? [`${numeral(count)} ${how}`] : [],
    );
    return `${visibleText(table)} (rows: ${rows.join(', ')})`;
  });
  return tables.length === 0 ? '' : `The table's own triggers or rules wrote as well: ${tables.join('; ')}`;
}

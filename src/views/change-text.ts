import { STORES } from '../model/role-row.js';
import type { ChangedRow, ChangeLine } from './change-lines.js';
import { OP_SIGNS, STORE_NAMES } from './rule-words.js';
import { visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';

/** One line, without indent or line break: what is done to a role, and to which rows. */
export function changeText({ op, role, rows }: Omit<ChangeLine, 'rule'>, terminal: Terminal): string {
  return `${terminal.op[op](`${OP_SIGNS[op]} ${op.padEnd(10)}`)} ${visibleText(role)}: ${rowsText(rows)}`;
}

function rowsText(rows: readonly ChangedRow[]): string {
  const [first, second] = rows;
  if (rows.length === 2 && first?.kind === 'new' && second?.id === first.id) {
    return `MongoDB and PostgreSQL, new rows linked by ${visibleText(first.id)}`;
  }
  return STORES.flatMap((store) => {
    const inStore = rows.filter((row) => row.store === store);
    return inStore.length === 0 ? [] : [`${STORE_NAMES[store]} ${inStore.map(rowText).join(' and ')}`];
  }).join(', ');
}

/** A new document has its id already; a new Postgres row is given one when it is inserted. */
function rowText({ store, kind, id }: ChangedRow): string {
  if (kind === 'existing') return visibleText(id);
  return store === 'mongo' ? `new document ${visibleText(id)}` : `new row linked to ${visibleText(id)}`;
}

import { addressOf } from '../../files/row-image.js';
import { isDestructive, type Op } from '../../model/change.js';
import type { SerialId } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { STORES, type Store } from '../../model/store.js';
import { OP_SIGNS, OPS_BY_WEIGHT, STORE_NAMES } from './rule-words.js';
import { visibleText } from '../safe-text.js';
import type { ShownChange, ShownDecision, ShownPlan, ShownRule, ShownTeam } from './shown-plan.js';
import type { Terminal } from '../terminal.js';

/** The row of a change. A new Postgres row has no id yet, so `id` holds its link. */
export interface ChangedRow {
  readonly store: Store;
  readonly isNew: boolean;
  readonly id: string;
}

/** The changes of one user that differ only in store and row: a reader takes them in as one. */
export interface ChangeLine {
  readonly op: Op;
  readonly role: string;
  readonly rows: readonly ChangedRow[];
}

/** The changes of one user that one rule demands. */
export interface RuleLines {
  readonly rule: ShownRule;
  readonly lines: readonly ChangeLine[];
}

/** A user's changes for reading: by rule, the destructive ones first, equal ones of both stores in one line. */
export function changeLines({ changes }: ShownDecision, mapping: Mapping): readonly RuleLines[] {
  const rules = new Set(byWeight(changes).map(({ rule }) => rule));
  return [...rules].map((rule) => {
    const demanded = changes.filter((change) => change.rule === rule);
    return { rule, lines: linesOf(demanded, (change) => changedRow(change, mapping)) };
  });
}

/** Groups the changes of one user as `changeLines` does, without the rules. */
export function linesOf<C extends { readonly op: Op; readonly role: string }>(
  changes: readonly C[],
  rowOf: (change: C) => ChangedRow,
): readonly ChangeLine[] {
  const lines = new Map<string, ChangeLine & { readonly rows: ChangedRow[] }>();
  for (const change of byWeight(changes)) {
    const { op, role } = change;
    const key = JSON.stringify([op, role]);
    const line = lines.get(key) ?? { op, role, rows: [] };
    lines.set(key, line);
    line.rows.push(rowOf(change));
  }
  return [...lines.values()];
}

function byWeight<C extends { readonly op: Op }>(changes: readonly C[]): C[] {
  return OPS_BY_WEIGHT.flatMap((op) => changes.filter((change) => change.op === op));
}

/** One line, without indent or line break: what is done to a role, and to which rows. */
export function changeText({ op, role, rows }: ChangeLine, terminal: Terminal): string {
  return `${terminal.op[op](`${OP_SIGNS[op]} ${op.padEnd(10)}`)} ${visibleText(role)}: ${rowsText(rows)}`;
}

function rowsText(rows: readonly ChangedRow[]): string {
  const [first, second] = rows;
  if (rows.length === 2 && first?.isNew && second?.id === first.id)
    return `both stores, linked by ${visibleText(first.id)}`;
  return STORES.flatMap((store) => {
    const inStore = rows.filter((row) => row.store === store);
    return inStore.length === 0 ? [] : [`${STORE_NAMES[store]} ${inStore.map(rowText).join(' and ')}`];
  }).join(', ');
}

/** A new document has its id already; a new Postgres row gets one when it is inserted. */
function rowText({ store, isNew, id }: ChangedRow): string {
  const what = store === 'mongo' ? 'new document' : 'new row linked to';
  return isNew ? `${what} ${visibleText(id)}` : visibleText(id);
}

export function changedRow(change: ShownChange, mapping: Mapping): ChangedRow {
  const { id, link } = addressOf(change, mapping);
  const isNew = change.op === 'insert';
  return { store: change.store, isNew, id: shownId(isNew ? link : id) };
}

/** The reader of files refuses a row without an id, so nobody ever sees the word. */
export function shownId(id: SerialId | null): string {
  return String(id ?? 'unreadable');
}

function takesAway(decision: ShownDecision): boolean {
  return decision.changes.some((change) => isDestructive(change.op));
}

/** Every team of a plan in reading order: teams that lose roles first; within each, users who lose roles first. */
export async function* losingFirst(
  plan: Pick<ShownPlan, 'teams'>,
): AsyncIterable<{ readonly losing: boolean; readonly team: ShownTeam }> {
  // Two passes, because a plan may be larger than memory; the second reads only what the first left.
  const left = new BitList();
  let number = -1;
  const first = plan.teams(() => {
    number += 1;
    return true;
  });
  for await (const { team, decisions } of first) {
    const losers = decisions.filter(takesAway);
    const others = decisions.filter((decision) => !takesAway(decision));
    if (losers.length === 0) left.add(number);
    else yield { losing: true, team: { team, decisions: [...losers, ...others] } };
  }
  if (left.empty) return;
  number = -1;
  const second = plan.teams(() => {
    number += 1;
    return left.has(number);
  });
  for await (const team of second) yield { losing: false, team };
}

/** A set of numbers, with a bit for each: a plan may have millions of teams. */
class BitList {
  #bits = new Uint8Array(1024);
  empty = true;

  add(number: number): void {
    const at = number >> 3;
    if (at >= this.#bits.length) {
      const larger = new Uint8Array(at * 2);
      larger.set(this.#bits);
      this.#bits = larger;
    }
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (number & 7));
    this.empty = false;
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }
}

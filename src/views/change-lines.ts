import { mongoImageId, postgresImageId, postgresImageLink } from '../files/row-image.js';
import type { Op } from '../model/change.js';
import type { Mapping } from '../model/mapping.js';
import type { Store } from '../model/role-row.js';
import { isDestructive, OPS_BY_WEIGHT } from './rule-words.js';
import type { ShownChange, ShownDecision, ShownPlan, ShownRule, ShownTeam } from './shown-plan.js';

/** One row that a change is about: `id` is its own; a new Postgres row has none yet, so the link stands for it. */
export interface ChangedRow {
  readonly store: Store;
  readonly kind: 'existing' | 'new';
  readonly id: string;
}

/** The changes of one user that differ only in store and row: what a reader takes in as one. */
export interface ChangeLine {
  readonly op: Op;
  readonly role: string;
  readonly rule: ShownRule;
  readonly rows: readonly ChangedRow[];
}

/** The changes of one user that one rule demands. */
export interface RuleLines {
  readonly rule: ShownRule;
  readonly lines: readonly ChangeLine[];
}

/** A user's changes for reading: by rule, the destructive ones first, equal ones of both stores in one line. */
export function changeLines(decision: ShownDecision, mapping: Mapping): readonly RuleLines[] {
  const rules = new Map<ShownRule, ChangeLine[]>();
  for (const op of OPS_BY_WEIGHT) {
    const roles = new Map<string, { role: string; rule: ShownRule; rows: ChangedRow[] }>();
    for (const change of decision.changes) {
      if (change.op !== op) continue;
      const key = JSON.stringify([change.rule, change.role]);
      const line = roles.get(key) ?? { role: change.role, rule: change.rule, rows: [] };
      line.rows.push(changedRow(change, mapping));
      roles.set(key, line);
    }
    for (const line of roles.values()) {
      rules.set(line.rule, [...(rules.get(line.rule) ?? []), { op, ...line }]);
    }
  }
  return [...rules].map(([rule, lines]) => ({ rule, lines }));
}

/** The row that a change addresses. */
export function changedRow(change: ShownChange, mapping: Mapping): ChangedRow {
  if (change.op === 'insert') {
    const id =
      change.store === 'mongo'
        ? mongoImageId(change.after, mapping)
        : postgresImageLink(change.after, mapping);
    return { store: change.store, kind: 'new', id: id ?? UNREADABLE };
  }
  const id =
    change.store === 'mongo' ? mongoImageId(change.before, mapping) : postgresImageId(change.before, mapping);
  return { store: change.store, kind: 'existing', id: String(id ?? UNREADABLE) };
}

// The plan's reader refuses such a row, so this is never seen; a view still has to say something.
const UNREADABLE = 'unreadable';

/** True if the decision takes an active role away. */
export function takesAway(decision: ShownDecision): boolean {
  return decision.changes.some((change) => isDestructive(change.op));
}

/** Every team of a plan in reading order: teams that lose roles first; within each, users who lose roles first. */
export async function* destructiveFirst(plan: Pick<ShownPlan, 'teams'>): AsyncIterable<{
  readonly kind: 'destructive' | 'harmless';
  readonly team: ShownTeam;
}> {
  // Two passes, for a plan may be larger than memory; the second reads only what the first left.
  const harmless = new BitList();
  let number = -1;
  const first = plan.teams(() => {
    number += 1;
    return true;
  });
  for await (const team of first) {
    const losing = team.decisions.filter(takesAway);
    if (losing.length === 0) {
      harmless.add(number);
      continue;
    }
    const others = team.decisions.filter((decision) => !takesAway(decision));
    yield { kind: 'destructive', team: { team: team.team, decisions: [...losing, ...others] } };
  }
  if (harmless.empty) return;
  number = -1;
  const second = plan.teams(() => {
    number += 1;
    return harmless.has(number);
  });
  for await (const team of second) yield { kind: 'harmless', team };
}

/** Numbers from 0 on, in a bit each: a plan may have millions of teams. */
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

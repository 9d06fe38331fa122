import type { IndexedReceipt, TeamRecord } from '../../files/receipt/index.js';
import type { Op } from '../../model/change.js';
import type { Mapping } from '../../model/mapping.js';
import { STORES, type Store } from '../../model/store.js';
import { sought } from '../plan/looked-for.js';
import { isFiltering, lets, letsChange, type PlanFilter } from '../plan/plan-filter.js';

/** A receipt, and the file that holds it. */
export interface NamedReceipt {
  readonly receipt: IndexedReceipt;
  readonly file: string;
  /** All receipts of its plan that are at hand: only together they are taken back. */
  readonly together: readonly string[];
  /** Gives a name that is not taken, for a new file. */
  readonly nameOf: (name: string) => string;
  /** Gives the name under which a plan lies here: it may have been packed since. */
  readonly planOf: (name: string) => string;
}

export type RecordedState = TeamRecord['outcome'];

export interface ReceiptTotals {
  /** Changes that took effect, each row counted once. */
  readonly changes: Readonly<Record<Store, Readonly<Record<Op, number>>>>;
  readonly teams: Readonly<Partial<Record<RecordedState, number>>>;
}

/** Sums up receipts; reads each of them once. */
export async function receiptTotals(...receipts: readonly IndexedReceipt[]): Promise<ReceiptTotals> {
  const none = { delete: 0, deactivate: 0, reactivate: 0, insert: 0 };
  const changes = { mongo: { ...none }, postgres: { ...none } };
  const teams: Partial<Record<RecordedState, number>> = {};
  for (const receipt of receipts) {
    for await (const record of recordsOf(receipt)) {
      teams[record.outcome] = (teams[record.outcome] ?? 0) + 1;
      const stores = STORES_CHANGED[record.outcome];
      for (const { store, op } of record.changes) if (stores.includes(store)) changes[store][op] += 1;
    }
  }
  return { changes, teams };
}

/** The stores in which a team's changes took effect, as far as its receipt knows. Those first that need attention. */
const STORES_CHANGED: Readonly<Record<RecordedState, readonly Store[]>> = {
  unknown: [],
  begun: [],
  'half-done': ['mongo'],
  failed: [],
  overtaken: STORES,
  drifted: [],
  finished: STORES,
  applied: STORES,
};
const WORST_FIRST = Object.keys(STORES_CHANGED);

/** Whether everything in the plan held for the team when it was read back. */
export function isWell(outcome: RecordedState): boolean {
  return outcome === 'applied' || outcome === 'finished';
}

/** The teams that the filter lets through, those first that need attention. Only their ids are held at once. */
export async function* worstFirst(
  receipts: readonly IndexedReceipt[],
  filter: PlanFilter,
): AsyncGenerator<{ readonly record: TeamRecord; readonly mapping: Mapping }> {
  const found: { readonly receipt: IndexedReceipt; readonly id: string; readonly rank: number }[] = [];
  for (const receipt of receipts)
    for await (const { team, outcome } of filteredRecords(receipt, filter))
      found.push({ receipt, id: team, rank: WORST_FIRST.indexOf(outcome) });
  for (const { receipt, id } of found.sort((a, b) => a.rank - b.rank)) {
    const record = await receipt.team(id);
    if (record !== null) yield { record: withinFilter(record, filter), mapping: receipt.head.mapping };
  }
}

/** @throws Failure (operational) where none of the receipts tells of a team or user that the filter names */
export function demandTold(receipts: readonly IndexedReceipt[], filter: PlanFilter): Promise<PlanFilter> {
  return sought(filter, 'receipt', async ({ teams, users }) => {
    for (const receipt of receipts)
      for await (const { team, changes } of recordsOf(receipt)) {
        teams.meet(team);
        for (const { user } of changes) users.meet(user);
      }
  });
}

/** The teams with those changes that the filter lets through. One that asks for changes drops teams without any. */
export async function* filteredRecords(
  receipt: IndexedReceipt,
  filter: PlanFilter,
): AsyncGenerator<TeamRecord> {
  const asksForChanges = isFiltering({ ...filter, teams: [] });
  for await (const record of recordsOf(receipt, filter.teams)) {
    const left = withinFilter(record, filter);
    if (left.changes.length > 0 || !asksForChanges) yield left;
  }
}

function withinFilter(record: TeamRecord, filter: PlanFilter): TeamRecord {
  return { ...record, changes: record.changes.filter((change) => letsChange(filter, change.user, change)) };
}

async function* recordsOf(
  receipt: IndexedReceipt,
  wanted: readonly string[] = [],
): AsyncGenerator<TeamRecord> {
  for (const id of receipt.teams) {
    const record = lets(wanted, id) ? await receipt.team(id) : null;
    if (record !== null) yield record;
  }
}

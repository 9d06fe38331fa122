import { Failure } from '../../model/failure.js';
import { foldReceipt } from './fold.js';
import { openReceipt, readReceiptLines } from './reader.js';
import type { RecordedOutcome, RunEvent, RunResult } from './schema.js';

/** One earlier run of a plan, as its receipt tells it. */
export interface RecordedRun {
  readonly at: string;
  readonly who: string;
  /** Null: it recorded no end. It was killed, or failed. */
  readonly result: RunResult | null;
  /** The MongoDB sessions in which a transaction may still be open; none where the run ended without doubt. */
  readonly sessions: readonly string[];
}

/** What a receipt says was done before. */
export interface ReceiptHistory {
  readonly runs: readonly RecordedRun[];
  /** The last outcome of each team; `begun`: no outcome followed its intent. */
  readonly teams: ReadonlyMap<string, RecordedOutcome | 'begun'>;
}

/** The receipt is sound, and of another plan. */
export class ForeignReceipt extends Failure {}

export const NO_HISTORY: ReceiptHistory = { runs: [], teams: new Map() };

/** The last run after which everything in the plan held. */
export function completedRun(history: ReceiptHistory): RecordedRun | undefined {
  return history.runs.findLast((run) => run.result === 'complete');
}

export function hasBegun(history: ReceiptHistory): boolean {
  return history.teams.size > 0;
}

/**
 * Reads what a receipt says about a plan. A receipt that does not exist says nothing.
 *
 * @param plan its digest
 * @throws Failure (refused) where the receipt is damaged; ForeignReceipt where it belongs to another plan
 */
export async function readReceiptHistory(path: string, plan: string): Promise<ReceiptHistory> {
  const file = await openReceipt(path);
  if (file === null) return NO_HISTORY;
  try {
    const checkRun = (run: RunEvent): void => {
      if (run.plan !== plan) throw foreign(path, run.plan, plan);
    };
    const lines = readReceiptLines(path, file);
    const { runs, teams } = await foldReceipt(lines, checkRun, (line) => headless(path, line));
    return {
      runs: runs.map(({ run: { at, who }, end, sessions, uncertain }) => ({
        at,
        who,
        result: end?.result ?? null,
        sessions: end === null || uncertain ? sessions : [],
      })),
      teams: new Map([...teams].map(([id, { outcome }]) => [id, outcome])),
    };
  } finally {
    await file.close();
  }
}

function foreign(path: string, found: string, plan: string): ForeignReceipt {
  return new ForeignReceipt('refused', {
    doing: `reading the receipt ${path}`,
    problem: `it belongs to another plan (${found}) than the one to be applied (${plan})`,
    next: 'Nothing was applied. Keep that file; name the receipt of this plan, or a file that does not exist yet, with --receipt.',
  });
}

function headless(path: string, number: number): Failure {
  return new Failure('refused', {
    doing: `reading the receipt ${path}`,
    problem: `line ${number} stands before any run`,
    next: 'Restore the receipt as fix-roles wrote it; if it is lost, apply goes on with a new one (--receipt FILE), and what was done before cannot be taken back.',
  });
}

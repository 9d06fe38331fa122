import type { Failure } from '../../model/failure.js';
import type { Range } from '../spool.js';
import type { ReceiptLine } from './reader.js';
import type { RecordedOutcome, RunEvent, RunResult } from './schema.js';

/** One run and what its later events say of it. */
export interface FoldedRun {
  readonly run: RunEvent;
  /** Null: it was killed, failed, or still goes on. */
  end: { readonly at: string; readonly result: RunResult } | null;
  /** Of MongoDB, in which it had transactions. */
  readonly sessions: string[];
  /** The result of a commit stayed unknown, or a team failed: a transaction may still be open. */
  uncertain: boolean;
}

export interface FoldedTeam {
  /** The last outcome. `begun`: no outcome followed the intent, so only the databases know. */
  outcome: RecordedOutcome | 'begun';
  /** Where its intents and outcomes stand, in order. */
  readonly places: Range[];
}

/** What a receipt says, without the rows, which may be too many for memory. */
export interface FoldedReceipt {
  readonly runs: readonly FoldedRun[];
  readonly teams: ReadonlyMap<string, FoldedTeam>;
}

/**
 * @param checkRun throws where a run is of a plan that does not belong here
 * @param headless for a line before any run
 * @throws Failure as `lines` and these give it
 */
export async function foldReceipt(
  lines: AsyncIterable<ReceiptLine>,
  checkRun: (run: RunEvent, first: RunEvent) => void,
  headless: (line: number) => Failure,
): Promise<FoldedReceipt> {
  const runs: FoldedRun[] = [];
  const teams = new Map<string, FoldedTeam>();
  for await (const { event, at, number } of lines) {
    if (event.event === 'run') {
      checkRun(event, runs[0]?.run ?? event);
      runs.push({ run: event, end: null, sessions: [], uncertain: false });
      continue;
    }
    const current = runs.at(-1);
    if (current === undefined) throw headless(number);
    switch (event.event) {
      case 'session':
        current.sessions.push(event.lsid);
        break;
      case 'end':
        current.end = { at: event.at, result: event.result };
        break;
      case 'intent':
      case 'outcome': {
        const outcome = event.event === 'intent' ? 'begun' : event.outcome;
        if (outcome === 'unknown' || outcome === 'failed') current.uncertain = true;
        const team = teams.get(event.team);
        if (team === undefined) teams.set(event.team, { outcome, places: [at] });
        else {
          team.outcome = outcome;
          team.places.push(at);
        }
      }
    }
  }
  return { runs, teams };
}

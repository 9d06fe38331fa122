import type { Approver } from '../../model/approval.js';
import { Failure } from '../../model/failure.js';
import type { TableEffect } from '../../model/outcome.js';
import { byCodeUnit } from '../../model/id.js';
import { newDigest, type Digest } from '../digest.js';
import { lastChanges } from './last-changes.js';
import { receiptLines } from './reader.js';
import {
  anyReceiptEventSchema,
  type AppliedChange,
  type ReceiptEvent,
  type RecordedOutcome,
  type RunEvent,
  type RunResult,
} from './schema.js';
import type { ReadingObserver } from '../reading-observer.js';
import { openSource, type PlanSource } from '../source.js';
import { openSpool, type Range, type Spool } from '../spool.js';

/** One run of `apply`, as its receipt tells it. */
export interface ReceiptRun {
  readonly at: string;
  readonly who: string;
  readonly tool: string;
  /** How many teams the plan has. */
  readonly teams: number;
  /** Who had approved the plan; empty where nobody had to. */
  readonly approvals: readonly Approver[];
  /** Null: the run recorded no end: it was killed, failed, or still goes on. */
  readonly end: { readonly at: string; readonly result: RunResult } | null;
}

/** What a receipt says of the plan that was applied; the same in every run. */
export type ReceiptHead = Pick<RunEvent, 'plan' | 'kind' | 'asOf' | 'targets' | 'policy' | 'mapping'>;

/** What a receipt says was done to one team. */
export interface TeamRecord {
  readonly team: string;
  /** The last outcome; `begun`: an intent that no outcome followed, so that only the databases know. */
  readonly outcome: RecordedOutcome | 'begun';
  readonly problem: string | null;
  /** When that was recorded. */
  readonly at: string;
  /** Of each row the last change that was about to be committed. */
  readonly changes: readonly AppliedChange[];
  /** What the table's own triggers wrote besides; left out where that is nothing. */
  readonly triggered?: readonly TableEffect[];
}

/**
 * A receipt that was read to its end, to be looked into team by team. What it yields comes from a private copy of the
 * bytes that the digest is of; in memory is only where each team's events stand.
 */
export interface IndexedReceipt {
  /** `sha256:…` of all bytes of the file. */
  readonly digest: string;
  readonly head: ReceiptHead;
  readonly runs: readonly ReceiptRun[];
  /** The ids of all teams that it tells of, ascending. */
  readonly teams: readonly string[];
  /** What it says of a team; null where it says nothing. */
  team(id: string): Promise<TeamRecord | null>;
  /** Frees the private copy; safe to call twice. */
  close(): Promise<void>;
}

/**
 * Reads a receipt.
 *
 * @throws Failure (refused) where it is damaged, empty or of several plans, (operational) where it cannot be read
 */
export async function readReceipt(source: PlanSource, observer?: ReadingObserver): Promise<IndexedReceipt> {
  const input = await openSource(source, 'receipt');
  observer?.onBegin(input.size);
  const spool = await openSpool();
  try {
    const digest = newDigest();
    const index = new ReceiptIndex(input.doing);
    for await (const line of receiptLines(input.doing, copied(input.chunks, spool, digest, observer))) {
      if (line.kind === 'event') index.take(line.event, line.at);
    }
    return index.finish(digest.finish(), spool);
  } catch (error) {
    await spool.close();
    throw error;
  } finally {
    observer?.onEnd();
    await input.close();
  }
}

async function* copied(
  chunks: AsyncIterable<Buffer>,
  spool: Spool,
  digest: Digest,
  observer: ReadingObserver | undefined,
): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    digest.update(chunk);
    await spool.append(chunk);
    yield chunk;
    observer?.onRead(chunk.length);
  }
}

class ReceiptIndex {
  readonly #doing: string;
  readonly #runs: { run: RunEvent; end: ReceiptRun['end'] }[] = [];
  /** Team → where its intents and outcomes stand, in their order. */
  readonly #teams = new Map<string, Range[]>();

  constructor(doing: string) {
    this.#doing = doing;
  }

  take(event: ReceiptEvent, at: Range): void {
    const current = this.#runs.at(-1);
    if (event.event === 'run') {
      if (current !== undefined && JSON.stringify(headOf(current.run)) !== JSON.stringify(headOf(event)))
        throw this.#refused('it tells of several plans');
      this.#runs.push({ run: event, end: null });
      return;
    }
    if (current === undefined) throw this.#refused('it does not begin with a run');
    switch (event.event) {
      case 'session':
        return;
      case 'end':
        current.end = { at: event.at, result: event.result };
        return;
      case 'intent':
      case 'outcome': {
        const places = this.#teams.get(event.team);
        if (places === undefined) this.#teams.set(event.team, [at]);
        else places.push(at);
      }
    }
  }

  finish(digest: string, spool: Spool): IndexedReceipt {
    const [first] = this.#runs;
    if (first === undefined) throw this.#refused('it tells of no run');
    const head = headOf(first.run);
    return {
      digest,
      head,
      runs: this.#runs.map(({ run: { at, who, tool, teams, approvals = [] }, end }) => ({
        ...{ at, who, tool, teams, approvals, end },
      })),
      teams: [...this.#teams.keys()].sort(byCodeUnit),
      team: async (id) => {
        const places = this.#teams.get(id);
        if (places === undefined) return null;
        const events = [];
        for (const place of places) events.push(await eventAt(spool, place));
        return recordOf(id, events, head);
      },
      close: () => spool.close(),
    };
  }

  #refused(problem: string): Failure {
    const next = 'Use the receipt of one plan, as fix-roles apply wrote it.';
    return new Failure('refused', { doing: this.#doing, problem, next });
  }
}

function headOf({ plan, kind, asOf, targets, policy, mapping }: RunEvent): ReceiptHead {
  return { plan, kind, asOf, targets, policy, mapping };
}

async function eventAt(spool: Spool, { start, end }: Range): Promise<ReceiptEvent> {
  const chunks: Buffer[] = [];
  for await (const chunk of spool.read(start, end)) chunks.push(Buffer.from(chunk));
  return anyReceiptEventSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

function recordOf(team: string, events: readonly ReceiptEvent[], { mapping }: ReceiptHead): TeamRecord {
  const intents = events.filter((event) => event.event === 'intent');
  const last = events.findLast((event) => event.event === 'intent' || event.event === 'outcome');
  const changes = lastChanges(
    intents.flatMap((intent) => intent.changes),
    mapping,
  );
  const at = last?.at ?? '';
  const triggered = events.flatMap((event) => (event.event === 'outcome' ? (event.triggered ?? []) : []));
  const [outcome, problem] =
    last?.event === 'outcome' ? [last.outcome, last.problem] : (['begun', null] as const);
  return { team, outcome, problem, at, changes, ...(triggered.length > 0 && { triggered }) };
}

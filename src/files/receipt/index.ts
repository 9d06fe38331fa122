import type { Approver } from '../../model/approval.js';
import { Failure } from '../../model/failure.js';
import type { TableEffect } from '../../model/outcome.js';
import { byCodeUnit } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { Digest } from '../digest.js';
import { addressOf } from '../row-image.js';
import { foldReceipt, type FoldedReceipt } from './fold.js';
import { receiptLines } from './reader.js';
import {
  anyReceiptEventSchema,
  type AppliedChange,
  type ReceiptEvent,
  type RecordedOutcome,
  type RunEvent,
  type RunResult,
} from './schema.js';
import { openSource, type OpenSource, type PlanSource, type ReadingObserver } from '../source.js';
import { openSpool, type Range, type Spool } from '../spool.js';

export interface ReceiptRun {
  readonly at: string;
  readonly who: string;
  readonly tool: string;
  /** How many teams the plan has. */
  readonly teams: number;
  /** Who had approved the plan; empty where no approval was demanded. */
  readonly approvals: readonly Approver[];
  /** Null: it was killed, failed, or still goes on. */
  readonly end: { readonly at: string; readonly result: RunResult } | null;
}

/** What a receipt says of the plan that was applied; the same in every run. */
export type ReceiptHead = Pick<RunEvent, 'plan' | 'kind' | 'asOf' | 'targets' | 'policy' | 'mapping'>;

/** What a receipt says was done to one team. */
export interface TeamRecord {
  readonly team: string;
  /** The last outcome. `begun`: no outcome followed the intent, so only the databases know. */
  readonly outcome: RecordedOutcome | 'begun';
  readonly problem: string | null;
  readonly at: string;
  /** The last change of each row that was about to be committed. */
  readonly changes: readonly AppliedChange[];
  /** What the table's own triggers wrote besides; absent where they wrote nothing. */
  readonly triggered?: readonly TableEffect[];
}

/**
 * What was applied of one plan, as one receipt tells it or several together, to be looked into team by team. What it
 * yields comes from private copies of the bytes that the digests are of; in memory is only where each team's events stand.
 */
export interface AppliedRecord {
  /** The `sha256:…` of all bytes of each receipt, ascending. */
  readonly digests: readonly string[];
  readonly head: ReceiptHead;
  readonly runs: readonly ReceiptRun[];
  /** All team ids in it, ascending. */
  readonly teams: readonly string[];
  /** Null where it says nothing of the team. */
  team(id: string): Promise<TeamRecord | null>;
  /** Frees the private copies; safe to call twice. */
  close(): Promise<void>;
}

/** One receipt that was read to its end. */
export interface IndexedReceipt extends AppliedRecord {
  readonly digest: string;
  /** What it holds about a team, in the order of the file. */
  events(team: string): Promise<readonly ReceiptEvent[]>;
}

/**
 * Reads a receipt.
 *
 * @throws Failure (refused) where it is damaged, empty or of several plans, (operational) where it cannot be read
 */
export async function readReceipt(source: PlanSource, observer?: ReadingObserver): Promise<IndexedReceipt> {
  const input = await openSource(source, 'receipt');
  observer?.onBegin(input.size);
  try {
    return await readFrom(input, source.kind === 'file' ? source.path : undefined, observer);
  } finally {
    observer?.onEnd();
    await input.close();
  }
}

async function readFrom(
  input: OpenSource,
  path: string | undefined,
  observer: ReadingObserver | undefined,
): Promise<IndexedReceipt> {
  const spool = await openSpool();
  try {
    const digest = new Digest();
    const refused = (problem: string): Failure => {
      const next = 'Use the receipt of one plan, as fix-roles apply wrote it.';
      return new Failure('refused', { doing: input.doing, problem, next });
    };
    const lines = receiptLines(input.doing, copied(input.chunks, spool, digest, observer), path);
    const checkRun = (run: RunEvent, other: RunEvent): void => {
      if (!isSameHead(run, other)) throw refused('it tells of several plans');
    };
    const folded = await foldReceipt(lines, checkRun, () => refused('it does not begin with a run'));
    const [first] = folded.runs;
    if (first === undefined) throw refused('it tells of no run');
    return indexed(folded, headOf(first.run), digest.finish(), spool);
  } catch (error) {
    await spool.close();
    throw error;
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

function indexed(
  { runs, teams }: FoldedReceipt,
  head: ReceiptHead,
  digest: string,
  spool: Spool,
): IndexedReceipt {
  const events = async (id: string): Promise<readonly ReceiptEvent[]> => {
    const found: ReceiptEvent[] = [];
    for (const place of teams.get(id)?.places ?? []) found.push(await eventAt(spool, place));
    return found;
  };
  return {
    digest,
    digests: [digest],
    head,
    runs: runs.map(({ run: { at, who, tool, teams: count, approvals = [] }, end }) => {
      return { at, who, tool, teams: count, approvals, end };
    }),
    teams: [...teams.keys()].sort(byCodeUnit),
    events,
    team: async (id) => recordOf(id, await events(id), head),
    close: () => spool.close(),
  };
}

export function isSameHead(one: ReceiptHead, other: ReceiptHead): boolean {
  return one === other || JSON.stringify(headOf(one)) === JSON.stringify(headOf(other));
}

function headOf({ plan, kind, asOf, targets, policy, mapping }: ReceiptHead): ReceiptHead {
  return { plan, kind, asOf, targets, policy, mapping };
}

async function eventAt(spool: Spool, { start, end }: Range): Promise<ReceiptEvent> {
  const chunks: Buffer[] = [];
  for await (const chunk of spool.read(start, end)) chunks.push(Buffer.from(chunk));
  return anyReceiptEventSchema.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')));
}

/**
 * What events say of a team; null where there are none.
 *
 * @param events in the order in which they were recorded
 */
export function recordOf(
  team: string,
  events: readonly ReceiptEvent[],
  { mapping }: ReceiptHead,
): TeamRecord | null {
  const last = events.at(-1);
  if (last === undefined) return null;
  const [outcome, problem] =
    last.event === 'outcome' ? ([last.outcome, last.problem] as const) : (['begun', null] as const);
  const { at } = last;
  const changes = events.flatMap((event) => (event.event === 'intent' ? event.changes : []));
  const triggered = events.flatMap((event) => (event.event === 'outcome' ? (event.triggered ?? []) : []));
  const record = { team, outcome, problem, at, changes: lastChanges(changes, mapping) };
  return triggered.length > 0 ? { ...record, triggered } : record;
}

/**
 * The last change of each row. A change is recorded before it is committed, and again when it is made again from a fresh
 * read: what was recorded last is what was committed, if anything was.
 */
function lastChanges(changes: readonly AppliedChange[], mapping: Mapping): AppliedChange[] {
  const rowOf = (change: AppliedChange): string => {
    const { store, op, user, role } = change;
    const { id, link } = addressOf(change, mapping);
    // A Postgres row that is inserted again gets another id, but keeps its link.
    return JSON.stringify([store, op, user, role, op === 'insert' ? link : id]);
  };
  return [...new Map(changes.map((change) => [rowOf(change), change])).values()];
}

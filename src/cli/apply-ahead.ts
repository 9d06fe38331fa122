import { dirname } from 'node:path';
import type { ApprovalsConfiguration } from '../config/approvals.js';
import { unpackedName } from '../files/gzip.js';
import type { PlanHeader } from '../files/plan/schema.js';
import {
  completedRun,
  ForeignReceipt,
  hasBegun,
  NO_HISTORY,
  readReceiptHistory,
  type ReceiptHistory,
} from '../files/receipt/history.js';
import { receiptsOf } from '../files/receipt/parts.js';
import { DEFAULT_APPLY_OPTIONS } from '../model/apply-options.js';
import { Failure } from '../model/failure.js';
import { applyCommand, commandLine } from '../views/next-command.js';
import { overLimitFlags, type ApplyAhead } from '../views/plan/ahead.js';
import { quantity } from '../views/quantity.js';
import { freeName } from './file-names.js';

/** A plan, and what the command knows of its apply. */
export interface PlanAhead {
  readonly header: Pick<PlanHeader, 'kind' | 'summary'> & Partial<Pick<PlanHeader, 'asOf'>>;
  readonly digest: string;
  /** `-` or null: it has no name that could be typed. */
  readonly file: string | null;
  /** For a revert plan that was just made; otherwise they are looked for beside the plan. */
  readonly receipts?: readonly string[] | undefined;
  /** The digests by which a revert plan names what it takes back. */
  readonly reverts?: { readonly plan: string; readonly receipt: string | readonly string[] } | undefined;
  readonly demanded: ApprovalsConfiguration | undefined;
  /** How many people have approved it. */
  readonly approved: number;
  /** Flags and sentences that follow from the databases and from what was typed. */
  readonly flags?: readonly string[];
  readonly notes?: readonly string[];
  /** Whether the plan was found to hold in the databases; then a plan that was applied before can be applied again. */
  readonly holds?: boolean;
}

const DAY_MS = 86_400_000;

/** Finds out what the apply of a plan needs: limits, age, approvals, receipts and an earlier apply are known by now. */
export async function applyAhead(plan: PlanAhead, now = Date.now()): Promise<ApplyAhead> {
  const { header, demanded, approved } = plan;
  const name = plan.file === null || plan.file === '-' ? 'PLAN' : plan.file;
  const flags = [...overLimitFlags(header)];
  const notes = [...(plan.notes ?? [])];
  const beside = await receiptBeside(name, plan.digest);
  if (beside.kind === 'unreadable') {
    // apply would refuse, and with another receipt it would not know what was done.
    const { doing, problem, next } = beside.failure.text;
    return {
      commands: [commandLine('verify', name)],
      notes: [...notes, `Not ready to apply: ${doing}: ${problem}. ${next}`],
    };
  }
  const history = beside.kind === 'own' ? beside.history : NO_HISTORY;
  const complete = completedRun(history);
  if (complete !== undefined) {
    notes.push(`It was fully applied at ${complete.at} by ${complete.who}, as its receipt tells.`);
    if (plan.holds !== true) return { commands: [commandLine('verify', name)], notes };
    notes.push('What is to be changed has gone back to the old state since: find out why before you go on.');
    flags.push('--again');
  }
  if (beside.kind === 'foreign') {
    notes.push(`${beside.file} is of another plan that had this name. Keep it: it takes that one back.`);
    flags.push('--receipt', freeName(beside.file));
  }
  const age = header.asOf === undefined ? 0 : now - Date.parse(header.asOf);
  if (age > DEFAULT_APPLY_OPTIONS.maxAgeMs && !hasBegun(history)) {
    const [old, most] = [age, DEFAULT_APPLY_OPTIONS.maxAgeMs].map((ms) =>
      quantity(Math.floor(ms / DAY_MS), 'day'),
    );
    notes.push(`It is ${old ?? ''} old, and apply takes ${most ?? ''} unasked: better plan again.`);
    // An hour more than it needs now: the command is not typed at once.
    flags.push('--max-age', `${Math.ceil((age + DAY_MS / 24) / DAY_MS)}d`);
  }
  const receipts = plan.receipts ?? (plan.reverts && (await receiptsOf(plan.reverts, dirname(name))));
  if (header.kind === 'revert' && receipts === undefined)
    notes.push('RECEIPT is what it was made from; it does not lie beside the plan as it was then.');
  const apply = applyCommand(header.kind, name, receipts, [...flags, ...(plan.flags ?? [])]);
  const missing = (demanded?.require ?? 0) - approved;
  if (missing <= 0) return { commands: [apply], notes };
  notes.push(
    `The configuration demands approvals of ${quantity(demanded?.require ?? 0, 'person', 'people')}: ${missing} more must run approve.`,
  );
  return { commands: [commandLine('approve', name), apply], notes };
}

/** The receipt that lies beside a plan. `foreign`: it is of another plan; `unreadable`: of which one, nobody can tell. */
type Beside =
  | { readonly kind: 'own'; readonly history: ReceiptHistory }
  | { readonly kind: 'foreign'; readonly file: string }
  | { readonly kind: 'unreadable'; readonly failure: Failure };

async function receiptBeside(file: string, digest: string): Promise<Beside> {
  const receipt = `${unpackedName(file)}.receipt.jsonl`;
  try {
    return { kind: 'own', history: await readReceiptHistory(receipt, digest) };
  } catch (error) {
    if (error instanceof ForeignReceipt) return { kind: 'foreign', file: receipt };
    if (error instanceof Failure) return { kind: 'unreadable', failure: error };
    throw error;
  }
}

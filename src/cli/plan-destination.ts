import type { ReadingObserver } from '../files/source.js';
import { openScratchPlan } from '../files/plan/scratch-plan.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { PlanHeader } from '../files/plan/schema.js';
import { streamSink, type PlanSink } from '../files/sink.js';
import { filteredPlan, NO_FILTER } from '../views/plan/plan-filter.js';
import { commandLine } from '../views/next-command.js';
import { planSummary } from '../views/plan/plan-summary.js';
import { planText } from '../views/plan/plan-text.js';
import { applyAhead, type PlanAhead } from './apply-ahead.js';
import { givenFlags, type Given } from './flags.js';
import { freeName } from './file-names.js';
import { fittedPieces } from '../views/terminal.js';
import { terminalOf } from './output.js';

/** Where the plan goes. `screen`: in readable form, because nobody reads JSON on a terminal. */
export type Destination =
  | { readonly kind: 'file'; readonly path: string; readonly existing: 'refuse' | 'replace' }
  | { readonly kind: 'stdout' }
  | { readonly kind: 'screen' };

export function destinationOf(flags: {
  readonly output: string | undefined;
  readonly force: boolean;
  readonly json: boolean | undefined;
}): Destination {
  const { output, force, json } = flags;
  if (output !== undefined && output !== '-')
    return { kind: 'file', path: output, existing: force ? 'replace' : 'refuse' };
  return process.stdout.isTTY && output === undefined && !json ? { kind: 'screen' } : { kind: 'stdout' };
}

/** The options of a step that say where the plan goes. */
interface PlanOutput {
  readonly file: string | PlanSink;
  readonly existing?: 'refuse' | 'replace';
}

/**
 * Has a plan made and brings it where it goes.
 *
 * @param make writes the plan
 * @param observer told how far its verification has come
 */
export async function makePlanFor<Made>(
  destination: Destination,
  make: (output: PlanOutput) => Promise<Made>,
  observer: ReadingObserver,
): Promise<Made> {
  switch (destination.kind) {
    case 'file':
      return make({ file: destination.path, existing: destination.existing });
    case 'stdout':
      return make({ file: streamSink(process.stdout) });
    case 'screen': {
      const scratch = await openScratchPlan();
      try {
        const made = await make({ file: scratch.sink });
        await showOnScreen(await scratch.read(Date.now(), observer));
        return made;
      } finally {
        await scratch.close();
      }
    }
  }
}

/**
 * What is said of a new plan: its totals, unless they are on the screen already, and what to do next.
 *
 * @param again the command that was typed and its arguments, without flags
 * @param ahead what the command knows of the apply
 */
export async function madePlanText(
  plan: { readonly digest: string } & Pick<PlanHeader, 'kind' | 'summary' | 'filter'>,
  destination: Destination,
  again: readonly string[],
  given: Given,
  ahead: Pick<PlanAhead, 'receipts' | 'demanded' | 'notes' | 'flags'>,
): Promise<string> {
  if (destination.kind === 'screen') {
    const flags = givenFlags(given, (flag) => !OF_THIS_RUN.includes(flag));
    const save = commandLine(...again, ...flags, '-o', freeName(`${again[0] ?? ''}.json`));
    return `\nThis plan is not saved. To save one: ${save}`;
  }
  const { digest, ...header } = plan;
  const file = destination.kind === 'file' ? destination.path : null;
  const known = await applyAhead({ header, digest, file, approved: 0, holds: true, ...ahead });
  return planSummary({ header, digest }, terminalOf(process.stderr), file, known).trimEnd();
}

/** Flags that make no other plan. */
const OF_THIS_RUN: readonly string[] = [
  'output',
  'force',
  'json',
  'quiet',
  'verbose',
  'progress',
  'detailed-exitcode',
];

/** Shows what was planned the way `show` does: after verifying every byte. */
async function showOnScreen(plan: VerifiedPlan): Promise<void> {
  try {
    const out = streamSink(process.stdout);
    const shown = await filteredPlan(plan, NO_FILTER);
    const terminal = terminalOf(process.stdout);
    for await (const piece of fittedPieces(planText(shown, terminal, null), terminal.columns))
      await out.write(Buffer.from(piece));
  } finally {
    await plan.close();
  }
}

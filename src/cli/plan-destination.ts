import type { ReadingObserver } from '../files/source.js';
import { openScratchPlan } from '../files/plan/scratch-plan.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { PlanHeader } from '../files/plan/schema.js';
import { streamSink, type PlanSink } from '../files/sink.js';
import { filteredPlan, NO_FILTER } from '../views/plan/plan-filter.js';
import { commandLine } from '../views/next-command.js';
import { planSummary } from '../views/plan/plan-summary.js';
import { planText } from '../views/plan/plan-text.js';
import { fittedPieces } from '../views/wrapping.js';
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
 * @param receiptFiles what a revert plan takes back; undefined: a plan of the other kind was made
 * @param connecting flags that say which databases
 */
export function madePlanText(
  { digest, summary, filter }: { readonly digest: string } & Pick<PlanHeader, 'summary' | 'filter'>,
  destination: Destination,
  receiptFiles: readonly string[] | undefined,
  connecting: readonly string[],
): string {
  if (destination.kind === 'screen') {
    const words = receiptFiles === undefined ? ['plan'] : ['revert', ...receiptFiles];
    const save = commandLine(...words, ...connecting, '-o', `${words[0] ?? ''}.json`);
    return `\nThis plan is not saved. To save one: ${save}`;
  }
  const header = { kind: receiptFiles === undefined ? 'fix' : 'revert', summary, filter } as const;
  const file = destination.kind === 'file' ? destination.path : null;
  return planSummary(
    { header, digest },
    terminalOf(process.stderr),
    file,
    receiptFiles,
    connecting,
  ).trimEnd();
}

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

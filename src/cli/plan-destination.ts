import type { ReadingObserver } from '../files/source.js';
import { openScratchPlan } from '../files/plan/scratch-plan.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Summary } from '../files/plan/schema.js';
import { streamSink, type PlanSink } from '../files/sink.js';
import { filteredPlan, NO_FILTER } from '../views/plan/plan-filter.js';
import { commandLine } from '../views/next-command.js';
import { planSummary } from '../views/plan/plan-summary.js';
import { planText } from '../views/plan/plan-text.js';
import { terminalOf } from './standard-output.js';

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

/** Has a plan made where it goes; one for the screen is verified first, and `shown.fileName` is its name there. */
export async function makePlanFor<Made>(
  destination: Destination,
  make: (output: PlanOutput) => Promise<Made>,
  shown: { readonly fileName: string; readonly observer: ReadingObserver },
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
        await showOnScreen(await scratch.read(Date.now(), shown.observer), shown.fileName);
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
 * @param receiptFile of a revert plan; undefined: a fix plan was made
 * @param connecting flags that name the databases
 */
export function madePlanText(
  { digest, summary }: { readonly digest: string; readonly summary: Summary },
  destination: Destination,
  receiptFile: string | undefined,
  connecting: readonly string[],
): string {
  if (destination.kind === 'screen') {
    const words = receiptFile === undefined ? ['plan'] : ['revert', receiptFile];
    const save = commandLine(...words, ...connecting, '-o', `${words[0] ?? ''}.json`);
    return `\nThis plan is not saved. To save one: ${save}`;
  }
  const header = { kind: receiptFile === undefined ? 'fix' : 'revert', summary } as const;
  const file = destination.kind === 'file' ? destination.path : null;
  return planSummary({ header, digest }, terminalOf(process.stderr), file, receiptFile, connecting).trimEnd();
}

async function showOnScreen(plan: VerifiedPlan, fileName: string): Promise<void> {
  try {
    const out = streamSink(process.stdout);
    const shown = await filteredPlan(plan, NO_FILTER);
    for await (const piece of planText(shown, terminalOf(process.stdout), fileName))
      await out.write(Buffer.from(piece));
  } finally {
    await plan.close();
  }
}

import { openFileSink } from '../files/file-sink.js';
import type { ReadingObserver } from '../files/source.js';
import { openScratchPlan } from '../files/plan/scratch-plan.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { streamSink, type PlanSink } from '../files/sink.js';
import { filteredPlan, NO_FILTER } from '../views/plan-filter.js';
import { planText } from '../views/plan-text.js';
import { terminalFor } from '../views/terminal.js';

/** Where the plan goes. `screen`: nobody reads JSON on a terminal, so it is shown in readable form. */
export type Destination =
  | { readonly kind: 'file'; readonly path: string; readonly existing: 'refuse' | 'replace' }
  | { readonly kind: 'stdout' }
  | { readonly kind: 'screen' };

/** The destination that the flags of a command name. */
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

/**
 * Has a plan made and brings it where it goes.
 *
 * @param make writes the plan; the sink is open before the databases are, so that a name that cannot be used costs no time
 * @param now milliseconds since 1970
 * @param fileName under which a plan on the screen is spoken of
 * @param observer told how far its verification has come
 */
export async function makePlanFor<Made>(
  destination: Destination,
  make: (out: PlanSink) => Promise<Made>,
  shown: { readonly now: number; readonly fileName: string; readonly observer: ReadingObserver },
): Promise<Made> {
  switch (destination.kind) {
    case 'file':
      return make(await openFileSink(destination.path, destination.existing));
    case 'stdout':
      return make(streamSink(process.stdout));
    case 'screen': {
      const scratch = await openScratchPlan();
      try {
        const made = await make(scratch.sink);
        await showOnScreen(await scratch.read(shown.now, shown.observer), shown.fileName);
        return made;
      } finally {
        await scratch.close();
      }
    }
  }
}

/** Shows what was planned the way `show` does: after verifying every byte. */
async function showOnScreen(plan: VerifiedPlan, fileName: string): Promise<void> {
  try {
    const { isTTY, columns } = process.stdout;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    const out = streamSink(process.stdout);
    for await (const piece of planText(await filteredPlan(plan, NO_FILTER), terminal, fileName))
      await out.write(Buffer.from(piece));
  } finally {
    await plan.close();
  }
}

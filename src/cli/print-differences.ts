import { comparePlans, type PlanDifference } from '../files/plan/compare.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import { diffJson, diffText } from '../views/plan/diff-text.js';
import type { Progress } from '../views/progress.js';
import { fittedPieces } from '../views/terminal.js';
import { printPieces, terminalOf } from './output.js';

/** Prints every difference of two plans, and returns how many there are. */
export async function printDifferences(
  oldPlan: VerifiedPlan,
  newPlan: VerifiedPlan,
  format: 'json' | 'text',
  progress: Progress,
): Promise<number> {
  let found = 0;
  async function* counted(): AsyncIterable<PlanDifference> {
    for await (const difference of comparePlans(oldPlan, newPlan, progress.advance)) {
      found += 1;
      yield difference;
    }
  }
  const terminal = terminalOf(process.stdout);
  const mappings = { old: oldPlan.header.mapping, new: newPlan.header.mapping };
  const pieces =
    format === 'json'
      ? diffJson({ old: oldPlan.digest, new: newPlan.digest }, counted())
      : fittedPieces(diffText(counted(), mappings, terminal), terminal.columns);
  // There are more where some teams stand in only one of the two.
  const teams = Math.max(oldPlan.header.summary.teams.changed, newPlan.header.summary.teams.changed);
  progress.begin({ activity: 'Comparing', unit: 'teams', total: { kind: 'about', count: teams } });
  try {
    await printPieces(pieces, progress);
  } finally {
    progress.stop();
  }
  return found;
}

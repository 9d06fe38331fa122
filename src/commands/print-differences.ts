import { comparePlans, type PlanDifference } from '../plan/compare.js';
import type { VerifiedPlan } from '../plan/reader.js';
import { streamSink } from '../plan/sink.js';
import { diffJson } from '../views/diff-json.js';
import { diffText } from '../views/diff-text.js';
import { terminalFor } from '../views/terminal.js';

/** Prints every difference, and gives their number. */
export async function printDifferences(
  oldPlan: VerifiedPlan,
  newPlan: VerifiedPlan,
  format: 'json' | 'text',
): Promise<number> {
  let found = 0;
  async function* counted(): AsyncIterable<PlanDifference> {
    for await (const difference of comparePlans(oldPlan, newPlan)) {
      found += 1;
      yield difference;
    }
  }
  const { isTTY, columns } = process.stdout;
  const mappings = { old: oldPlan.header.mapping, new: newPlan.header.mapping };
  const pieces =
    format === 'json'
      ? diffJson({ old: oldPlan.digest, new: newPlan.digest }, counted())
      : diffText(counted(), mappings, terminalFor({ isTTY, columns, env: process.env }));
  const out = streamSink(process.stdout);
  for await (const piece of pieces) await out.write(Buffer.from(piece));
  return found;
}

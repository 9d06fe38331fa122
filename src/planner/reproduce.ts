import type { VerifiedPlan } from '../files/plan/reader.js';
import type { PlanSink } from '../files/sink.js';
import type { PlanWriter } from '../files/plan/writer.js';
import type { FactsReader } from '../stores/facts-reader.js';
import { planChanges } from './plan-changes.js';

/**
 * Makes a plan once more with its own `asOf`, policy, mapping and filter. The same databases give the same bytes, so
 * that a second person can reproduce a plan instead of trusting it (docs/design.md, "The plan file").
 *
 * @returns the digest of the plan made now
 */
export async function reproducePlan(
  plan: VerifiedPlan,
  terms: {
    readonly reader: FactsReader;
    readonly tool: string;
    readonly writer: PlanWriter;
    readonly out: PlanSink;
    readonly onProgress: (teams: number) => void;
  },
): Promise<string> {
  const { policy, mapping, filter, asOf } = plan.header;
  const at = Date.parse(asOf);
  const { digest } = await planChanges({ ...terms, policy, mapping, filter, asOf: at, now: Date.now() });
  return digest;
}

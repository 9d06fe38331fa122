import { checkTargets } from '../apply/target-check.js';
import type { AppliedRecord } from '../files/receipt/index.js';
import { openPlanWriter } from '../files/plan/writer.js';
import { revertChanges, type PlannedRevert } from '../planner/revert-changes.js';
import { openLiveReader } from '../stores/live-reader.js';
import { connected } from './connected.js';
import { mappingFor, planSink, toolName, type PlanningOptions } from './plan-file.js';

export type { PlannedRevert } from '../planner/revert-changes.js';

export interface RevertOptions extends PlanningOptions {
  /** Of the apply that is to be taken back; where it was made in parts, the receipts of all of them as one. */
  readonly receipt: AppliedRecord;
}

/**
 * Reads both databases, writes to neither, and makes a plan that takes back what a receipt says was applied.
 *
 * @throws Failure refused: other databases, the file exists, or `asOf` lies in the future; operational: a store or the
 *   file fails
 * @example
 * const receipt = await readReceipt('plan.json.receipt.jsonl');
 * const { summary } = await revert({ configuration, receipt, file: 'revert.json' });
 * await receipt.close();
 */
export async function revert(options: RevertOptions): Promise<PlannedRevert> {
  const { configuration, receipt, observer } = options;
  const now = Date.now();
  const out = await planSink(options);
  return connected(configuration, 'plan', options, async (connections) => {
    const mapping = mappingFor(options, receipt.head.mapping);
    const reader = await openLiveReader(connections, mapping);
    checkTargets(receipt.head.targets, reader.targets, connections);
    observer?.onStage?.('Reading', { kind: 'exact', count: receipt.teams.length });
    return revertChanges({
      ...{ receipt, reader, mapping, now, out },
      policy: configuration.policy,
      asOf: options.asOf ?? now,
      tool: toolName(),
      writer: await openPlanWriter(),
      onProgress: () => observer?.onTeam?.(),
    });
  });
}

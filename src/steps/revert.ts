import { checkTargets } from '../apply/target-check.js';
import type { Configuration } from '../config/configuration.js';
import { openFileSink } from '../files/file-sink.js';
import type { IndexedReceipt } from '../files/receipt/index.js';
import { openPlanWriter } from '../files/plan/writer.js';
import { revertChanges } from '../planner/revert-changes.js';
import { openLiveReader } from '../stores/live-reader.js';
import { connected } from './connected.js';
import type { Planned, PlanOptions } from './plan.js';
import { toolName } from './tool.js';

export interface RevertOptions extends Omit<PlanOptions, 'filter'> {
  readonly configuration: Configuration;
  /** Of the apply that is to be taken back. */
  readonly receipt: IndexedReceipt;
}

/**
 * Reads both databases, writes to neither, and writes down the changes that take back what a receipt says was applied.
 *
 * @throws Failure refused: other databases, the file exists, or `asOf` lies in the future; operational: a store or the
 *   file fails
 */
export async function revert(options: RevertOptions): Promise<Planned> {
  const { configuration, receipt, signal } = options;
  const now = Date.now();
  const out = await openFileSink(options.file, options.existing ?? 'refuse');
  return connected(configuration, { purpose: 'plan', signal }, async (connections) => {
    const reader = await openLiveReader(connections, receipt.head.mapping);
    checkTargets(receipt.head.targets, reader.targets);
    return revertChanges({
      ...{ receipt, reader, now, out },
      asOf: options.asOf ?? now,
      tool: toolName(),
      writer: await openPlanWriter(),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    });
  });
}

import { RECORDED_OUTCOMES } from '../files/receipt/schema.js';
import type { ReceiptWriter } from '../files/receipt/writer.js';
import type { TeamOutcome } from '../model/outcome.js';

const PROBLEM_MAX = 4096;

/**
 * Appends a team's outcome to the receipt, unless nothing was tried on the team. Only the end of the run waits for the
 * disk: after a crash before that, the next run finds the team done and says so.
 *
 * @throws ReceiptFailure
 */
export async function recordOutcome(
  team: string,
  outcome: TeamOutcome,
  receipt: Pick<ReceiptWriter, 'appendSoon'>,
): Promise<void> {
  const recorded = RECORDED_OUTCOMES.find((kind) => kind === outcome.kind);
  if (recorded === undefined) return;
  const problem = 'problem' in outcome ? outcome.problem.slice(0, PROBLEM_MAX) : null;
  await receipt.appendSoon({
    event: 'outcome',
    at: new Date().toISOString(),
    team,
    outcome: recorded,
    problem,
    ...('triggered' in outcome && { triggered: [...outcome.triggered] }),
  });
}

import { Failure } from '../../model/failure.js';
import type { PlanHeader } from '../plan/schema.js';

/** @throws Failure (usage) where a revert plan lacks the receipt of what it takes back, or another plan names one */
export function demandReceipt(kind: PlanHeader['kind'], given: boolean): void {
  if (kind === 'fix' && given) {
    throw misuse(
      'a plan that repairs roles takes no --of: the rules justify it',
      'Leave --of out; the receipt of this plan itself is named with --receipt.',
    );
  }
  if (kind === 'revert' && !given) {
    throw misuse(
      'a revert plan needs --of RECEIPT: only the receipt proves that what it takes back was applied',
      'Name the receipt that the plan was made from: --of RECEIPT.',
    );
  }
}

function misuse(problem: string, next: string): Failure {
  return new Failure('usage', { doing: 'reading the command line', problem, next });
}

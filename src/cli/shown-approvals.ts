import { readSignerLists } from '../approval/allowed-signers.js';
import { approvalsFolder, readApprovalFiles, type ApprovalFile } from '../approval/approval-files.js';
import { checkApprovals } from '../approval/check-approvals.js';
import { peopleWhoApproved } from '../approval/people.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Approval } from '../model/approval.js';
import type { ShownApprovals } from '../views/approval-text.js';
import type { SignerValues } from './approval-flags.js';
import { usageFailure } from './error-report.js';

/**
 * The approvals beside a plan, checked where it is said who may approve. A plan without any is shown as ever.
 *
 * @throws Failure (usage) for flags that say half of it; whatever checking throws
 */
export async function shownApprovals(
  plan: VerifiedPlan,
  planFile: string,
  flags: SignerValues,
): Promise<ShownApprovals> {
  const { 'allowed-signers': allowedSigners, revoked } = flags;
  const folder = flags.approvals ?? (planFile === '-' ? undefined : approvalsFolder(planFile));
  if (allowedSigners === undefined) {
    if (revoked !== undefined)
      throw usageFailure('--revoked needs --allowed-signers', 'Say whose approvals count.');
    const files = folder === undefined ? [] : await readApprovalFiles(folder);
    return files.length === 0 ? null : { kind: 'not-checked', approvals: files.map(unchecked) };
  }
  if (folder === undefined)
    throw usageFailure(
      'a plan from stdin has no approvals beside it',
      'Name their folder with --approvals DIR.',
    );
  const lists = await readSignerLists({ allowedSigners, revoked: revoked === undefined ? [] : [revoked] });
  const approvals = await checkApprovals(plan, await readApprovalFiles(folder), lists);
  return { kind: 'checked', approvals, people: peopleWhoApproved(approvals).length };
}

function unchecked(found: ApprovalFile): Approval {
  const { file } = found;
  switch (found.kind) {
    case 'rejected':
      return { file, state: { kind: 'rejected', reason: found.reason } };
    case 'signature':
      return { file, state: { kind: 'not-checked', key: found.signature.key } };
  }
}

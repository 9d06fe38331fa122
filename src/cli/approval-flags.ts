import { resolve } from 'node:path';
import { Flags, type Interfaces } from '@oclif/core';
import {
  approvalsFolder,
  readApprovalFiles,
  readSignerLists,
  type ApprovalFile,
} from '../approval/approval-files.js';
import { checkApprovals } from '../approval/check-approvals.js';
import { peopleWhoApproved } from '../approval/demand.js';
import type { ApprovalsConfiguration } from '../config/approvals.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Approval } from '../model/approval.js';
import type { ShownApprovals } from '../views/plan/approval-text.js';
import { usageFailure } from './error-report.js';
import { fileFlag } from './flags.js';

const helpGroup = 'approvals';

/** Where approvals are and who may give them. */
export const signerFlags = {
  'allowed-signers': fileFlag(
    'whose approvals count: names and SSH keys, as in ssh-keygen(1), ALLOWED SIGNERS',
    helpGroup,
  ),
  revoked: fileFlag('keys that count no more: public keys, or a list made by ssh-keygen -k', helpGroup),
  approvals: Flags.string({
    helpValue: 'DIR',
    helpGroup,
    description: 'where the approvals are [default: PLAN.approvals]',
  }),
};

/** Flags of the commands that can demand approvals. */
export const approvalFlags = {
  'require-approvals': Flags.integer({
    helpValue: 'N',
    min: 1,
    max: 100,
    helpGroup,
    description:
      'refuse a plan that fewer than N people have approved (fix-roles approve); the configuration file can demand more',
  }),
  ...signerFlags,
};

/**
 * The approvals that are demanded, and their folder. Flags may only add to what the configuration demands: the larger
 * number counts, keys that either revokes are revoked, and no other list of signers may replace the configured one.
 *
 * @returns undefined where nothing is demanded
 * @throws Failure (usage) for flags that say half of it, or would take something away
 */
export function approvalDemand(
  planFile: string,
  flags: Interfaces.InferredFlags<typeof approvalFlags>,
  configured: ApprovalsConfiguration | undefined,
): { readonly approvals: ApprovalsConfiguration; readonly folder: string } | undefined {
  const people = Math.max(flags['require-approvals'] ?? 0, configured?.require ?? 0);
  const { 'allowed-signers': given, revoked } = flags;
  if (people === 0) {
    if (given === undefined && revoked === undefined && flags.approvals === undefined) return undefined;
    throw usageFailure(
      'no approval is demanded',
      'Say with --require-approvals N how many people must approve.',
    );
  }
  if (configured !== undefined && given !== undefined && resolve(given) !== configured.allowedSigners) {
    throw usageFailure(
      'the configuration file names the allowed signers, and --allowed-signers names others',
      'Leave --allowed-signers out; who may approve is changed in the file that the configuration names.',
    );
  }
  const allowedSigners = configured?.allowedSigners ?? given;
  if (allowedSigners === undefined) {
    throw usageFailure(
      '--require-approvals needs --allowed-signers FILE: without it nobody could approve',
      'Name the file, or both in fix-roles.config.json: "approvals": {"allowedSigners": "…", "require": 2}.',
    );
  }
  const folder = flags.approvals ?? (planFile === '-' ? undefined : approvalsFolder(planFile));
  if (folder === undefined) {
    throw usageFailure(
      'approvals are demanded, and a plan from stdin has none beside it',
      'Name their folder with --approvals DIR.',
    );
  }
  const revokedBy = [...(configured?.revoked ?? []), ...(revoked === undefined ? [] : [revoked])];
  return { approvals: { allowedSigners, require: people, revoked: revokedBy }, folder };
}

/**
 * The approvals beside a plan, checked where the flags or the configuration say who may approve.
 *
 * @throws Failure (usage) for flags that say half of it; as `checkApprovals`
 */
export async function shownApprovals(
  plan: VerifiedPlan,
  planFile: string,
  flags: Partial<Interfaces.InferredFlags<typeof signerFlags>>,
  configured?: ApprovalsConfiguration,
): Promise<ShownApprovals> {
  const { 'allowed-signers': given, revoked } = flags;
  const allowedSigners = given ?? configured?.allowedSigners;
  const folder = flags.approvals ?? (planFile === '-' ? undefined : approvalsFolder(planFile));
  if (allowedSigners === undefined && revoked !== undefined)
    throw usageFailure('--revoked needs --allowed-signers', 'Say whose approvals count.');
  if (folder === undefined && given !== undefined)
    throw usageFailure(
      'a plan from stdin has no approvals beside it',
      'Name their folder with --approvals DIR.',
    );
  const files = folder === undefined ? [] : await readApprovalFiles(folder);
  const notChecked: ShownApprovals =
    files.length === 0 ? null : { kind: 'not-checked', approvals: files.map(unchecked) };
  if (allowedSigners === undefined || folder === undefined) return notChecked;
  const revokedBy = [...(configured?.revoked ?? []), ...(revoked === undefined ? [] : [revoked])];
  const lists = await readSignerLists({ allowedSigners, revoked: revokedBy }).catch((error: unknown) => {
    if (given !== undefined) throw error;
    // A reviewer need not have the list that the configuration names.
    return undefined;
  });
  if (lists === undefined) return notChecked;
  const approvals = await checkApprovals(plan, files, lists);
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

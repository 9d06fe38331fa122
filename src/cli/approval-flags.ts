import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { approvalsFolder } from '../approval/approval-files.js';
import type { ApprovalDemand } from '../approval/demand.js';
import type { ApprovalsConfiguration } from '../config/approvals.js';
import { usageFailure } from './error-report.js';

const helpGroup = 'approvals';

/** Where approvals are and who may give them. */
export const signerFlags = {
  'allowed-signers': Flags.string({
    helpValue: 'FILE',
    helpGroup,
    description: 'whose approvals count: names and SSH keys, as in ssh-keygen(1), ALLOWED SIGNERS',
  }),
  revoked: Flags.string({
    helpValue: 'FILE',
    helpGroup,
    description: 'keys that count no more: public keys, or a list made by ssh-keygen -k',
  }),
  approvals: Flags.string({
    helpValue: 'DIR',
    helpGroup,
    description: 'where the approvals are [default: PLAN.approvals]',
  }),
};

/** Flags of a command that can demand approvals. */
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

export interface SignerValues {
  readonly 'allowed-signers': string | undefined;
  readonly revoked: string | undefined;
  readonly approvals: string | undefined;
}

interface ApprovalValues extends SignerValues {
  readonly 'require-approvals': number | undefined;
}

/**
 * What is demanded of a plan. Flags can only add to what the configuration demands: the larger number counts, keys
 * that are revoked by either are revoked, and nobody else's list of signers takes the place of the configured one.
 *
 * @returns undefined where nothing is demanded
 * @throws Failure (usage) for flags that say half of it, or would take something away
 */
export function approvalDemand(
  planFile: string,
  flags: ApprovalValues,
  configured: ApprovalsConfiguration | undefined,
): ApprovalDemand | undefined {
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
  return {
    people,
    folder: approvalsFolderOf(planFile, flags.approvals),
    signers: {
      allowedSigners,
      revoked: [configured?.revoked, revoked].filter((path) => path !== undefined),
    },
  };
}

/**
 * The folder of a plan's approvals.
 *
 * @throws Failure (usage) for a plan from stdin, which stands beside nothing
 */
function approvalsFolderOf(planFile: string, given: string | undefined): string {
  if (given !== undefined) return given;
  if (planFile !== '-') return approvalsFolder(planFile);
  throw usageFailure(
    'approvals are demanded, and a plan from stdin has none beside it',
    'Name their folder with --approvals DIR.',
  );
}

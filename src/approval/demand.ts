import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Approval, Approver } from '../model/approval.js';
import { Failure } from '../model/failure.js';
import { withoutHostileCharacters } from '../model/text.js';
import { readSignerLists, type SignerFiles } from './allowed-signers.js';
import { checkingApprovals, readApprovalFiles } from './approval-files.js';
import { checkApprovals } from './check-approvals.js';
import { peopleWhoApproved } from './people.js';

/** How many people must have approved, where their approvals are, and who may approve. */
export interface ApprovalDemand {
  readonly people: number;
  readonly folder: string;
  readonly signers: SignerFiles;
}

/** A receipt holds no longer name. */
const PRINCIPAL_MAX = 256;

/**
 * Demands that enough people approved exactly the verified bytes, which will be executed.
 *
 * @returns every approver that counted, each key once
 * @throws Failure (refused) saying of every approval why it does not count; (operational) where they cannot be checked
 */
export async function demandApprovals(
  plan: Pick<VerifiedPlan, 'bytes'>,
  { people, folder, signers }: ApprovalDemand,
): Promise<readonly Approver[]> {
  const lists = await readSignerLists(signers);
  const approvals = await checkApprovals(plan, await readApprovalFiles(folder), lists);
  const counted = peopleWhoApproved(approvals);
  if (counted.length < people) {
    throw new Failure('refused', {
      doing: checkingApprovals(folder),
      problem: `approvals needed of different people: ${people}, and valid: ${counted.length}${detailsOf(approvals, counted.length)}`,
      next: 'Nothing was applied. Have this very file approved, with fix-roles approve PLAN, by people among the allowed signers.',
    });
  }
  const byKey = new Map(counted.flat().map((state) => [state.key, state.principals[0] ?? '']));
  return [...byKey].map(([key, principal]) => ({
    principal: withoutHostileCharacters(principal).slice(0, PRINCIPAL_MAX),
    key,
  }));
}

function detailsOf(approvals: readonly Approval[], people: number): string {
  if (approvals.length === 0) return '; there is no approval in that folder';
  const lines = approvals.map((approval) => withoutHostileCharacters(detailOf(approval)));
  if (approvals.filter(({ state }) => state.kind === 'valid').length > people)
    lines.push(
      'valid ones that share a key or a name, or where a name is a pattern, count as those of one person',
    );
  return lines.map((line) => `\n- ${line}`).join('');
}

function detailOf({ file, state }: Approval): string {
  switch (state.kind) {
    case 'valid':
      return `${file}: valid, of ${state.principals.join(', ')} with the key ${state.key}`;
    case 'rejected':
      return `${file}: does not count: ${state.reason}`;
    case 'not-checked':
      return `${file}: was not checked`;
  }
}

import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Approval, ApprovalState, Approver } from '../model/approval.js';
import { Failure } from '../model/failure.js';
import { withoutHostileCharacters } from '../model/text.js';
import { checkingApprovals, readApprovalFiles, readSignerLists, type SignerFiles } from './approval-files.js';
import { checkApprovals } from './check-approvals.js';

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

type Valid = Extract<ApprovalState, { readonly kind: 'valid' }>;

/**
 * The valid approvals, grouped by person. Approvals that share a key or a name are one person's; so are two where one
 * name is a pattern (`*@example.com`) that fits the other. Nobody may count twice, so in doubt two people count as one.
 */
export function peopleWhoApproved(approvals: readonly Approval[]): readonly (readonly Valid[])[] {
  let people: Valid[][] = [];
  for (const { state } of approvals) {
    if (state.kind !== 'valid') continue;
    const same = people.filter((person) => person.some((other) => mayBeOne(other, state)));
    people = [...people.filter((person) => !same.includes(person)), [...same.flat(), state]];
  }
  return people;
}

function mayBeOne(a: Valid, b: Valid): boolean {
  return a.key === b.key || a.principals.some((one) => b.principals.some((other) => mayMeanOne(one, other)));
}

function mayMeanOne(one: string, other: string): boolean {
  const [a, b] = [likeness(one), likeness(other)];
  // Two patterns may fit a common name; finding out is not worth it.
  if (isPattern(a) && isPattern(b)) return true;
  return a === b || fits(a, b) || fits(b, a);
}

/** Names that differ only in case, blanks or invisible characters are one person's. */
function likeness(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\s\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase();
}

function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether an OpenSSH pattern (`*` for anything, `?` for one character) fits a name. */
function fits(pattern: string, name: string): boolean {
  // Step by step: many stars would make a regular expression exponential.
  let after: Set<number> = new Set([0]);
  for (const character of pattern) {
    const next = new Set<number>();
    for (const at of after) {
      if (character === '*') for (let end = at; end <= name.length; end++) next.add(end);
      else if (at < name.length && (character === '?' || character === name[at])) next.add(at + 1);
    }
    after = next;
  }
  return after.has(name.length);
}

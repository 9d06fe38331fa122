import type { Approval, Approver } from '../model/approval.js';
import { numeral, quantity } from './quantity.js';
import type { Quote } from './rule-words.js';
import { visibleText } from './safe-text.js';
import { wrapped, type Terminal } from './terminal.js';

/** The approvals beside a plan, as far as they were looked at. */
export type ShownApprovals =
  | { readonly kind: 'not-looked-for' }
  | { readonly kind: 'not-checked'; readonly approvals: readonly Approval[] }
  /** `people`: how many have validly approved the plan. */
  | { readonly kind: 'checked'; readonly approvals: readonly Approval[]; readonly people: number };

export const NOT_LOOKED_FOR: ShownApprovals = { kind: 'not-looked-for' };

const LISTED_APPROVALS = 20;
/** What is said of a file that does not count may quote ssh-keygen. */
const SHOWN_REASON = 600;

/** The approvals in the readable form of a plan; nothing where there is nothing to say. */
export function approvalsText(shown: ShownApprovals, terminal: Terminal): string {
  if (shown.kind === 'not-looked-for') return '';
  const quote: Quote = (text) => visibleText(text, SHOWN_REASON);
  const lines = approvalLines(shown.approvals, quote).map((line) => wrapped(line, terminal.width, '    '));
  const conclusion = wrapped(conclusionOf(shown), terminal.width, '  ');
  return `\n${terminal.title('Approvals')}\n\n${conclusion}${lines.join('')}`;
}

/** The approvals of a plan as a title with a sentence and a list, for a page. */
export function approvalWords(
  shown: Exclude<ShownApprovals, { readonly kind: 'not-looked-for' }>,
  quote: Quote,
): { readonly conclusion: string; readonly lines: readonly string[] } {
  return { conclusion: conclusionOf(shown), lines: approvalLines(shown.approvals, quote) };
}

/** Who approved, on one line. */
export function approversText(approvers: readonly Approver[]): string {
  return `approved by ${approvers.map(({ principal, key }) => `${visibleText(principal)} (${visibleText(key)})`).join(', ')}`;
}

function conclusionOf(shown: Exclude<ShownApprovals, { readonly kind: 'not-looked-for' }>): string {
  switch (shown.kind) {
    case 'not-checked':
      return 'Not checked: show --allowed-signers FILE says whose they are and whether they are of this very file.';
    case 'checked':
      return shown.people === 0
        ? 'Nobody among the allowed signers has approved this plan.'
        : `${quantity(shown.people, 'person', 'people')} among the allowed signers approved exactly this plan.`;
  }
}

function approvalLines(approvals: readonly Approval[], quote: Quote): string[] {
  const lines = approvals.slice(0, LISTED_APPROVALS).map((approval) => approvalLine(approval, quote));
  const left = approvals.length - lines.length;
  return left === 0 ? lines : [...lines, `… and ${numeral(left)} more`];
}

function approvalLine({ file, state }: Approval, quote: Quote): string {
  switch (state.kind) {
    case 'valid':
      return `${quote(state.principals.join(', '))} with the key ${quote(state.key)}`;
    case 'not-checked':
      return state.key === null ? `${quote(file)}, by a certificate` : `by the key ${quote(state.key)}`;
    case 'rejected':
      return `does not count: ${quote(file)}, ${quote(state.reason)}`;
  }
}

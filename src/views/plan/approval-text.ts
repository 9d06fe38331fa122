import type { Approval, Approver } from '../../model/approval.js';
import { numeral, quantity } from '../quantity.js';
import type { Quote } from './rule-words.js';
import { visibleText } from '../safe-text.js';
import { wrapped, type Terminal } from '../terminal.js';

/** The approvals beside a plan; null: nobody looked for them. */
export type ShownApprovals =
  | { readonly kind: 'not-checked'; readonly approvals: readonly Approval[] }
  /** `people`: how many have validly approved the plan. */
  | { readonly kind: 'checked'; readonly approvals: readonly Approval[]; readonly people: number }
  | null;

const LISTED_APPROVALS = 20;

/** The approvals in the readable form of a plan; empty where nobody looked for them. */
export function approvalsText(shown: ShownApprovals, terminal: Terminal): string {
  const words = approvalWords(shown, visibleText);
  if (words === null) return '';
  const lines = words.lines.map((line) => wrapped(line, terminal.width, '    '));
  const conclusion = wrapped(words.conclusion, terminal.width, '  ');
  return `\n${terminal.title('Approvals')}\n\n${conclusion}${lines.join('')}`;
}

/** The approvals of a plan as a sentence and a list; null where nobody looked for them. */
export function approvalWords(
  shown: ShownApprovals,
  quoteUpTo: (text: string, limit: number) => string,
): { readonly conclusion: string; readonly lines: readonly string[] } | null {
  if (shown === null) return null;
  // The reason why a file does not count may quote ssh-keygen.
  const quote: Quote = (text) => quoteUpTo(text, 600);
  const lines = shown.approvals.slice(0, LISTED_APPROVALS).map((approval) => approvalLine(approval, quote));
  const left = shown.approvals.length - lines.length;
  if (left > 0) lines.push(`… and ${numeral(left)} more`);
  return { conclusion: conclusionOf(shown), lines };
}

export function approversText(approvers: readonly Approver[], quote: Quote = visibleText): string {
  return `approved by ${approvers.map(({ principal, key }) => `${quote(principal)} (${quote(key)})`).join(', ')}`;
}

function conclusionOf(shown: NonNullable<ShownApprovals>): string {
  if (shown.kind === 'not-checked')
    return 'Not checked: show --allowed-signers FILE says whose they are and whether they are of this very file.';
  return shown.people === 0
    ? 'Nobody among the allowed signers has approved this plan.'
    : `${quantity(shown.people, 'person', 'people')} among the allowed signers approved exactly this plan.`;
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

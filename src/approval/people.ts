import type { Approval, ApprovalState } from '../model/approval.js';

type Valid = Extract<ApprovalState, { readonly kind: 'valid' }>;

/**
 * The valid approvals, put together by whoever may have made them: those that share a key or a name are one person's,
 * and so are those of which one name is a pattern (`*@example.com`) that fits the other. So nobody counts twice,
 * however the allowed signers are written; in doubt two people count as one.
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
  // Whether two patterns fit a common name is not worth finding out.
  if (isPattern(a) && isPattern(b)) return true;
  return a === b || fits(a, b) || fits(b, a);
}

/** What of a name people go by: one that differs in case, in blanks or in what cannot be seen is the same person's. */
function likeness(name: string): string {
  return name
    .normalize('NFKC')
    .replaceAll(/[\s\p{C}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase();
}

function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a pattern as OpenSSH has it (`*` for anything, `?` for one character) fits a name. */
function fits(pattern: string, name: string): boolean {
  // Step by step instead of a regular expression, which many stars would make exponential.
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

import type { Approval, ApprovalState } from '../model/approval.js';

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

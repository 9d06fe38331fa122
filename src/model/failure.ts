/**
 * Why a command ends without its result: `operational` (cannot connect, disk full, …), `refused` (the file is invalid,
 * altered, for another target, too old, over a limit, not approved) or `usage`. Commands turn it into an exit code.
 */
export type FailureKind = 'operational' | 'refused' | 'usage';

/** No part may hold a credential. */
export interface FailureText {
  /** What was being done, and to what: "reading the plan plan.json". */
  readonly doing: string;
  /** What happened, in one sentence without a full stop. */
  readonly problem: string;
  /** What to do next, as a sentence. */
  readonly next: string;
}

/** An error for people: what was being done, what happened, what to do next. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly text: FailureText;

  constructor(kind: FailureKind, text: FailureText, options?: { cause?: unknown }) {
    super(`${text.doing}: ${text.problem}`, options);
    this.name = 'Failure';
    this.kind = kind;
    this.text = text;
  }
}

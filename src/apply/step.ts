/**
 * The steps of one team's transactions, in their order (docs/design.md, "Apply"). Each is announced when it is complete;
 * progress, and tests that interrupt an apply between two steps, hang on them.
 */
export const STEPS = [
  'postgres-begun',
  'postgres-read',
  'postgres-written',
  'mongo-begun',
  'mongo-read',
  'mongo-written',
  'intent-recorded',
  'mongo-committed',
  'postgres-committed',
  'outcome-recorded',
] as const;
export type Step = (typeof STEPS)[number];

/** Told of every completed step; the team goes on when the answer is there. */
export type OnStep = (team: string, step: Step) => void | Promise<void>;

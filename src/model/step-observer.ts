import type { Approver } from './approval.js';
import type { TeamOutcome } from './outcome.js';
import type { LockWait, Wait } from './waiting.js';

/**
 * What a step (plan, verify, apply, revert) tells while it works. It prints nothing itself: listen to what is to be shown.
 * Nothing that a listener does changes what the step does, but an error that it throws ends the step.
 */
export interface StepObserver {
  /** The databases answer; nothing was read yet. */
  readonly onConnected?: (stores: ConnectedStores) => void;
  /** MongoDB is waited for; told again and again while it is. */
  readonly onWait?: (what: Wait) => void;
  /** PostgreSQL waits for somebody else's lock. */
  readonly onLockWait?: (wait: LockWait) => void;
  /** Work that goes team by team begins. */
  readonly onStage?: (activity: 'Reading' | 'Comparing' | 'Checking' | 'Applying', teams: TeamsAhead) => void;
  /** One more team of the stage is done. */
  readonly onTeam?: () => void;
  /** `apply`: enough people approved the plan, and these are they. */
  readonly onApproved?: (approvers: readonly Approver[]) => void;
  /**
   * `apply`: an earlier run may have left transactions open in MongoDB: it recorded no end, or could not learn the result
   * of a commit. `told-to-end`: MongoDB was told to end them, which it does with those of the same user; the others it
   * ends by itself after 60 to 90 s. `refused`: so it does with all of them.
   */
  readonly onSessionsLeft?: (answer: 'told-to-end' | 'refused') => void;
  /** `apply`: the file that says to pause has come, or is gone. */
  readonly onPause?: (state: 'paused' | 'resumed') => void;
  /** `apply`: a team's transactions have come so far; the team goes on when the answer is there. */
  readonly onStep?: OnStep;
  /** `apply`: a team is tried again for longer than some seconds, and why; once for each reason. */
  readonly onTriedAgain?: (team: string, problem: string) => void;
  /** `apply`: a team is settled, or turned out otherwise when it was read back. */
  readonly onOutcome?: (team: string, outcome: TeamOutcome) => void;
}

/** What a step works in. */
export interface Surroundings {
  readonly observer?: StepObserver | undefined;
  /** Ends the step. Reading loses its connections; `apply` finishes the teams in flight and begins no further one. */
  readonly signal?: AbortSignal | undefined;
}

/** How many teams a stage has. `about`: an estimate, or a number that may turn out a little larger. */
export type TeamsAhead =
  { readonly kind: 'exact' | 'about'; readonly count: number } | { readonly kind: 'unknown' };

/** Which databases answer. Addresses hold no credentials. */
export interface ConnectedStores {
  readonly mongo: {
    readonly address: string;
    readonly database: string;
    readonly topology: string;
    readonly replicaSet: string | null;
    /** `secondary`: what it shows may be old. */
    readonly role: 'primary' | 'secondary';
    /** Parameters of the connection string in whose place this tool's own values stand. */
    readonly overridden: readonly string[];
  };
  /** Null for `apply`, whose workers connect each for itself. */
  readonly postgres: {
    readonly address: string;
    readonly database: string;
    /** What has to be said of the facts of a standby. */
    readonly standby: string | null;
  } | null;
}

/**
 * The steps of one team's transactions, in their order (docs/design.md, "Apply"). Each is announced when it is complete;
 * tests that interrupt an apply between two of them hang on them.
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
export type OnStep = (team: string, step: Step) => void | Promise<void>;

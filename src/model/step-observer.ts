import type { Approver } from './approval.js';
import type { TeamOutcome } from './outcome.js';
import type { LockWait, Wait } from './waiting.js';

/**
 * What a step (plan, verify, apply, revert) tells while it works; a step prints nothing itself. A listener cannot change
 * what the step does, but an error that it throws ends the step.
 */
export interface StepObserver {
  /** The databases answer; nothing was read yet. */
  readonly onConnected?: (stores: ConnectedStores) => void;
  /** MongoDB is waited for; called again and again meanwhile. */
  readonly onWait?: (what: Wait) => void;
  /** PostgreSQL waits for somebody else's lock. */
  readonly onLockWait?: (wait: LockWait) => void;
  /** Work that goes team by team begins. */
  readonly onStage?: (activity: 'Reading' | 'Comparing' | 'Checking' | 'Applying', teams: TeamsAhead) => void;
  /** One more team of the stage is done. */
  readonly onTeam?: () => void;
  /** `apply`: these people approved the plan, and they are enough. */
  readonly onApproved?: (approvers: readonly Approver[]) => void;
  /**
   * `apply`: an earlier run may have left transactions open in MongoDB. `told-to-end`: MongoDB ends those of the same
   * user now. All others, and with `refused` all of them, end by themselves after 60 to 90 s.
   */
  readonly onSessionsLeft?: (answer: 'told-to-end' | 'refused') => void;
  /** `apply`: the pause file has come, or is gone. */
  readonly onPause?: (state: 'paused' | 'resumed') => void;
  /** `apply`: a team has completed a step; it goes on when the promise resolves. */
  readonly onStep?: OnStep;
  /** `apply`: a team has been tried again for some seconds; called once for each reason. */
  readonly onTriedAgain?: (team: string, problem: string) => void;
  /** `apply`: a team is settled, or turned out otherwise when it was read back. */
  readonly onOutcome?: (team: string, outcome: TeamOutcome) => void;
}

/** What every step takes. */
export interface Surroundings {
  readonly observer?: StepObserver | undefined;
  /** Ends the step. Reading loses its connections; `apply` finishes the teams in flight and begins no other. */
  readonly signal?: AbortSignal | undefined;
}

/** How many teams a stage has. `about`: an estimate, which may be exceeded. */
export type TeamsAhead =
  { readonly kind: 'exact' | 'about'; readonly count: number } | { readonly kind: 'unknown' };

/** The databases that answer. Addresses hold no credentials. */
export interface ConnectedStores {
  readonly mongo: {
    readonly address: string;
    readonly database: string;
    readonly topology: string;
    readonly replicaSet: string | null;
    /** `secondary`: what it shows may be old. */
    readonly role: 'primary' | 'secondary';
    /** Parameters of the connection string that this tool replaced. */
    readonly overridden: readonly string[];
  };
  /** Null for `apply`, whose workers connect each for itself. */
  readonly postgres: {
    readonly address: string;
    readonly database: string;
    /** A warning about the facts of a standby; null: it is none. */
    readonly standby: string | null;
  } | null;
}

/**
 * The steps of one team's transactions, in order (docs/design.md, "Apply"). Each is announced when it is complete; tests
 * interrupt an apply between them.
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

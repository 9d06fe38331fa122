import type { MongoSettings } from '../../src/stores/mongo/connection.js';
import type { PostgresSettings } from '../../src/stores/postgres/connection.js';
import type { FailureKind } from '../../src/model/failure.js';
import type { ApplyResult, TeamOutcome } from '../../src/model/outcome.js';

/** What a process of the suite is told to do: one run of `apply`. */
export interface ApplyOrder {
  readonly plan: string;
  readonly receipt: string;
  readonly mongo: MongoSettings;
  readonly postgres: PostgresSettings;
  readonly transactions: 'available' | 'missing';
  readonly concurrency: number;
  readonly onDrift: 'abort' | 'skip';
  readonly retryForMs: number;
  /** Stop for good at the n-th point, counted from 0 among `points`, to be killed there; null: run to the end. */
  readonly dieAt: number | null;
  /** `all`, or the steps of the teams' transactions and their torn lines alone. */
  readonly points: 'all' | 'steps';
  /** Points at which the run waits until it is told to go on: as often as a point stands here. */
  readonly pauseAt: readonly string[];
}

/** How one run of `apply` ended, as its process told it, or as the suite found it. */
export type Ending =
  | {
      readonly kind: 'report';
      readonly result: ApplyResult;
      readonly outcomes: readonly (readonly [team: string, outcome: TeamOutcome])[];
      readonly points: readonly string[];
    }
  /** It refused or could not begin; `bug`: it threw anything but a Failure. */
  | {
      readonly kind: 'failure';
      readonly failure: FailureKind | 'bug';
      readonly message: string;
      readonly points: readonly string[];
    }
  /** `point`: where, if it was a point of the run; `torn`: half a line that it leaves at the end of its receipt. */
  | { readonly kind: 'killed'; readonly point: string | null; readonly torn?: string }
  /** Killed by the suite because it did not end. */
  | { readonly kind: 'hung' };
export type Report = Extract<Ending, { kind: 'report' }>;

/** From the suite to a process; `run` tells several runs of one process apart. */
export interface Instruction {
  readonly kind: 'go-on' | 'interrupt';
  readonly run: number;
}

/** From a process to the suite: a run waits; or every run has ended or waits to be killed. */
export type Message = { readonly pid: number } & (
  | { readonly kind: 'paused'; readonly run: number; readonly point: string }
  | { readonly kind: 'dying'; readonly endings: readonly Ending[] }
);

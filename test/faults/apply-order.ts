import type { MongoSettings } from '../../src/stores/mongo/connection.js';
import type { PostgresSettings } from '../../src/stores/postgres/connection.js';
import type { Ending } from './apply-ending.js';

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
  readonly fullyApplied: 'refuse' | 'apply-again';
  /**
   * Stop for good at the n-th point, counted from 0 among `points`, for the process to be killed there; null: run to the
   * end.
   */
  readonly dieAt: number | null;
  /** `all`, or the steps of the teams' transactions and their torn lines alone. */
  readonly points: 'all' | 'steps';
  /** Points at which the run waits until it is told to go on: as often as a point stands here. */
  readonly pauseAt: readonly string[];
}

/** From the suite to a process; `run` tells several runs of one process apart. */
export type Instruction =
  | { readonly kind: 'apply'; readonly run: number; readonly order: ApplyOrder }
  | { readonly kind: 'go-on'; readonly run: number }
  | { readonly kind: 'interrupt'; readonly run: number };

/** From the process to the suite. */
export type Message =
  | { readonly kind: 'ready' }
  | { readonly kind: 'paused'; readonly run: number; readonly point: string }
  | { readonly kind: 'at-end-of-life'; readonly run: number; readonly point: string }
  | { readonly kind: 'ended'; readonly run: number; readonly ending: Ending };

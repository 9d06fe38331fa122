import type { Block, Finding } from '../team/finding.js';
import type { Store } from '../team/role-row.js';
import type { PlanHeader, PlanTeam, Summary } from './schema.js';
import type { PlanSink } from './sink.js';

type WithoutSummary<Header> = Header extends unknown ? Omit<Header, 'summary'> : never;

/** What the writer cannot know before the end of planning; it counts the rest of the summary itself. */
export interface PlanRest {
  readonly header: WithoutSummary<PlanHeader>;
  /** How many teams were looked at. */
  readonly scanned: number;
  /** Active rows of scope TEAM in each store. */
  readonly activeRoles: Readonly<Record<Store, number>>;
}

/**
 * Takes what was decided and lays it out as a plan file, in bounded memory: everything waits in private temporary files
 * until `finish`, because header and summary come first. Await every call. End with `finish` or `discard`.
 */
export interface PlanWriter {
  /** In any order; what is given twice is written once. */
  finding(finding: Finding): Promise<void>;
  /** In any order; what is given twice is written once. */
  block(block: Block): Promise<void>;
  /**
   * Teams with at least one decision, in strictly ascending id order, existing and missing ones interleaved; users of a
   * team in strictly ascending order.
   *
   * @throws Error where the order is wrong: a programming error
   */
  team(team: PlanTeam): Promise<void>;
  /** Writes and commits the whole plan; discards the sink where that fails. */
  finish(rest: PlanRest, out: PlanSink): Promise<{ digest: string; summary: Summary }>;
  /** Frees the temporary files; safe to call at any time, also after `finish`. */
  discard(): Promise<void>;
}

/**
 * Begins a plan file.
 *
 * @throws Failure (operational) where no temporary file can be made
 */
export function openPlanWriter(): Promise<PlanWriter> {
  throw new Error('not written yet');
}

import type { ReceiptHistory } from '../files/receipt/history.js';
import type { Judgement } from './judge.js';
import { PendingTally } from './limit.js';
import type { TeamOutcome } from '../model/outcome.js';
import type { RunContext } from './request.js';
import { surveyTeams } from './survey.js';

export type Prospect = { readonly kind: 'apply' } | { readonly kind: 'finish' } | TeamOutcome;

export interface Preflight {
  readonly prospects: ReadonlyMap<string, Prospect>;
  /** How many teams are to be begun, are half done and have drifted. */
  readonly count: Readonly<Record<'apply' | 'finish' | 'drifted', number>>;
  /** Still to be done: in teams that nobody has begun, and in half-done ones. */
  readonly pending: Readonly<Record<'apply' | 'finish', PendingTally>>;
  /** Of the half-done teams, what is to be done in as many as one run finishes. */
  readonly finishedFirst: PendingTally;
  /** Whether every team stands as the plan found it. After a complete run, somebody has gone back then. */
  readonly untouched: boolean;
}

/**
 * Judges every team before the first write (docs/design.md, "Apply").
 *
 * @param recorded the last outcomes of earlier runs; a team that one of them applied is not written again
 */
export async function preflight(
  { request: { options, observer }, teams, stores, terms }: RunContext,
  recorded: ReceiptHistory['teams'],
): Promise<Preflight> {
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  const prospects = new Map<string, Prospect>();
  const { wanted } = terms.policy;
  const pending = { apply: new PendingTally(wanted), finish: new PendingTally(wanted) };
  const finishedFirst = new PendingTally(wanted);
  const count = { apply: 0, finish: 0, drifted: 0 };
  let untouched = true;
  for await (const { team, judgement } of surveyTeams(teams(), stores, terms)) {
    const prospect = prospectOf(judgement, recorded.get(team));
    prospects.set(team, prospect);
    if (judgement.kind !== 'planned') untouched = false;
    const { kind } = prospect;
    if (kind === 'apply' || kind === 'finish' || kind === 'drifted') count[kind]++;
    if ((kind === 'apply' || kind === 'finish') && 'pending' in judgement) {
      const changes = judgement.pending.map(({ change }) => change);
      pending[kind].add(changes);
      if (kind === 'finish' && count.finish <= limit) finishedFirst.add(changes);
    }
    observer.onTeam?.();
  }
  return { prospects, count, pending, finishedFirst, untouched };
}

function prospectOf(judgement: Judgement, recorded: string | undefined): Prospect {
  const written = recorded === 'applied' || recorded === 'finished' || recorded === 'overtaken';
  if (written && judgement.kind !== 'done') {
    return { kind: 'changed-since', drifts: judgement.kind === 'drifted' ? judgement.drifts : [] };
  }
  switch (judgement.kind) {
    case 'planned':
      return { kind: 'apply' };
    case 'half-done':
      return { kind: 'finish' };
    case 'done':
      if (judgement.standing === 'same') return { kind: 'already-done' };
      return written ? { kind: 'changed-since', drifts: [] } : { kind: 'overtaken', drifts: [] };
    case 'drifted':
      return {
        kind: 'drifted',
        seen: 'before-start',
        halfApplied: judgement.applied > 0,
        drifts: judgement.drifts,
      };
  }
}

import type { PlanTeam } from '../files/plan/schema.js';
import type { ReceiptHistory } from '../files/receipt/history.js';
import type { Policy } from '../model/policy.js';
import type { Judgement, JudgingTerms } from './judge.js';
import { PendingTally } from './limit.js';
import type { TeamOutcome } from '../model/outcome.js';
import { surveyTeams, type SurveyStores } from './survey.js';
import { PendingWrites } from './write-privileges.js';

export type Prospect = { readonly kind: 'apply' } | { readonly kind: 'finish' } | TeamOutcome;

export interface Preflight {
  readonly prospects: ReadonlyMap<string, Prospect>;
  /** How many teams are to be begun, are half done and have drifted. */
  readonly count: Readonly<Record<'apply' | 'finish' | 'drifted', number>>;
  /** Still to be done: in teams that nobody has begun, and in half-done ones. */
  readonly pending: Readonly<Record<'apply' | 'finish', PendingTally>>;
  /** Of the half-done teams, what is to be done in as many as one run finishes. */
  readonly finishedFirst: PendingTally;
  readonly writes: Readonly<Record<'apply' | 'finish', PendingWrites>>;
  /** Whether every team stands as the plan found it. After a complete run, somebody has gone back then. */
  readonly untouched: boolean;
}

const APPLY: Prospect = { kind: 'apply' };
const FINISH: Prospect = { kind: 'finish' };
const ALREADY_DONE: Prospect = { kind: 'already-done' };

/**
 * Judges every team before the first write (docs/design.md, "Apply").
 *
 * @param history what earlier runs recorded; a team that one of them applied is not written again
 * @param onTeam told of every team judged, for progress
 * @param limit how many teams one run writes
 */
export async function preflight(
  teams: AsyncIterable<PlanTeam>,
  stores: SurveyStores,
  terms: JudgingTerms & { readonly policy: Policy },
  history: ReceiptHistory,
  onTeam: () => void,
  limit = Number.POSITIVE_INFINITY,
): Promise<Preflight> {
  const prospects = new Map<string, Prospect>();
  const { wanted } = terms.policy;
  const pending = { apply: new PendingTally(wanted), finish: new PendingTally(wanted) };
  const finishedFirst = new PendingTally(wanted);
  const count = { apply: 0, finish: 0, drifted: 0 };
  const writes = { apply: new PendingWrites(), finish: new PendingWrites() };
  let untouched = true;
  for await (const { team, judgement } of surveyTeams(teams, stores, terms)) {
    const prospect = prospectOf(judgement, history.teams.get(team));
    prospects.set(team, prospect);
    if (judgement.kind !== 'planned') untouched = false;
    const { kind } = prospect;
    if (kind === 'apply' || kind === 'finish' || kind === 'drifted') count[kind]++;
    if ((kind === 'apply' || kind === 'finish') && 'pending' in judgement) {
      const changes = judgement.pending.map(({ change }) => change);
      pending[kind].add(changes);
      writes[kind].add(changes);
      if (kind === 'finish' && count.finish <= limit) finishedFirst.add(changes);
    }
    onTeam();
  }
  return { prospects, count, pending, finishedFirst, writes, untouched };
}

function prospectOf(judgement: Judgement, recorded: string | undefined): Prospect {
  const written = recorded === 'applied' || recorded === 'finished' || recorded === 'overtaken';
  if (written && judgement.kind !== 'done') {
    return { kind: 'changed-since', drifts: judgement.kind === 'drifted' ? judgement.drifts : [] };
  }
  switch (judgement.kind) {
    case 'planned':
      return APPLY;
    case 'half-done':
      return FINISH;
    case 'done':
      if (judgement.standing === 'same') return ALREADY_DONE;
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

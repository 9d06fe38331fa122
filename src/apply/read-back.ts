import type { PlanTeam } from '../files/plan/schema.js';
import type { JudgingTerms } from './judge.js';
import type { TeamOutcome } from '../model/outcome.js';
import { surveyTeams, type SurveyStores } from './survey.js';

/** A team that differs from what was just written: the application was at work meanwhile. */
export interface Overtaken {
  readonly team: string;
  readonly outcome: Extract<TeamOutcome, { kind: 'overtaken' }>;
}

/** Reads back the written teams and yields those that differ (docs/design.md, "Apply"). */
export async function* readBack(
  written: AsyncIterable<PlanTeam>,
  stores: SurveyStores,
  terms: JudgingTerms,
): AsyncGenerator<Overtaken> {
  for await (const { team, judgement } of surveyTeams(written, stores, terms)) {
    if (judgement.kind === 'done' && judgement.standing === 'same') continue;
    const drifts = judgement.kind === 'drifted' ? judgement.drifts : [];
    yield { team, outcome: { kind: 'overtaken', drifts } };
  }
}

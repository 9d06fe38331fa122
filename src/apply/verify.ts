import type { VerifiedPlan } from '../files/plan/reader.js';
import type { Connections } from '../stores/connections.js';
import type { Verdict } from '../model/outcome.js';
import { judgingTerms, type Judgement } from './judge.js';
import { surveyTeams } from './survey.js';
import { storesOfPlan } from './target-check.js';

/** Changes nothing. @throws Failure (refused) if the plan was made for other databases */
export async function* verifyTeams(
  plan: VerifiedPlan,
  connections: Connections,
): AsyncGenerator<{ readonly team: string; readonly name: string | null; readonly verdict: Verdict }> {
  const stores = await storesOfPlan(plan.header, connections.mongo, connections.postgres);
  const teams = surveyTeams(plan.teams(), stores, judgingTerms(plan.header));
  for await (const { team, name, judgement } of teams) {
    yield { team, name, verdict: verdictOf(judgement) };
  }
}

function verdictOf(judgement: Judgement): Verdict {
  switch (judgement.kind) {
    case 'planned':
      return { kind: 'holds' };
    case 'half-done':
      return { kind: 'half-done', applied: judgement.applied, pending: judgement.pending.length };
    case 'done':
      return { kind: judgement.standing === 'same' ? 'already-done' : 'overtaken' };
    case 'drifted':
      return { kind: 'drifted', halfApplied: judgement.applied > 0, drifts: judgement.drifts };
  }
}

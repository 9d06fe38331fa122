import { teamState } from './ending-check.js';
import type { Evidence, Violation } from './evidence.js';

const EXPECTED = {
  planned: 'applied',
  'half-done': 'finished',
  done: 'already-done',
  changed: 'nothing',
} as const;

/** A run that nothing disturbs finishes everything, and names what it found half done or done. */
export function resumeViolations({ ending, teams, effects, start }: Evidence): Violation[] {
  if (ending.kind !== 'report' || ending.result !== 'complete') {
    return [{ kind: 'report', text: `an undisturbed run ended with ${JSON.stringify(ending)}` }];
  }
  const outcomes = new Map(ending.outcomes);
  return teams.flatMap((team): Violation[] => {
    const own = effects.filter((effect) => effect.team === team);
    const state = teamState(own, start.rows);
    const said = outcomes.get(team)?.kind ?? 'nothing';
    if (said === EXPECTED[state]) return [];
    return [{ kind: 'report', text: `team ${team} was ${state}, and the run says ${said} of it` }];
  });
}

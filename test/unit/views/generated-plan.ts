import type { ShownPlan, ShownTeam } from '../../../src/views/plan/shown-plan.js';
import { alters, decision, id, inserts, shownPlan, team } from './sample-plan.js';

/** A plan of the given number of teams with ten changes each: every operation, rule kind and standing occurs. */
export function generatedPlan(count: number): ShownPlan {
  return shownPlan({
    teams: () => generatedTeams(count),
    findings: Array.from({ length: 3 }, (_, n) => ({
      code: 'owner-without-membership',
      team: id('7', n),
      user: id('c', n),
    })),
    blocked: [
      { code: 'team-without-owner', team: id('7', count + 1), user: null },
      { code: 'link-conflict', team: id('7', count + 2), user: id('a', 5) },
    ],
  });
}

function* generatedTeams(count: number): Iterable<ShownTeam> {
  for (let n = 0; n < count; n++) {
    const teamId = id('7', n);
    const user = (kind: string) => [teamId, id(kind, n)] as const;
    const serial = (k: number) => 4 * n + k;
    const name = NAMES[n % NAMES.length] ?? '';
    yield team(
      teamId,
      `${name} ${String(n)}`,
      [
        decision(id('a', n), 'member', [
          ...alters('delete', [...user('a'), 'admin', 'member-extra'], id('d1', n), serial(1)),
        ]),
        decision(id('b', n), 'outsider', [
          ...alters('deactivate', [...user('b'), 'member', 'outsider-holds'], id('d2', n), serial(2)),
        ]),
        decision(id('c', n), 'owner', [
          ...inserts([...user('c'), 'admin', 'owner-wants'], id('e1', n)),
          ...alters('reactivate', [...user('c'), 'member', 'owner-wants'], id('d3', n), serial(3)),
          ...inserts([...user('c'), 'owner', 'owner-wants'], id('e2', n)),
        ]),
      ],
      id('c', n),
    );
  }
}

const NAMES = ['Payments', 'Platform & SRE', 'Büro Wien', 'צוות תשתיות', '設計チーム', 'Data <Lake>'];

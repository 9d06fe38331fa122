import type { Ending } from './apply-ending.js';
import { teamState } from './ending-check.js';
import type { Violation } from './evidence.js';
import { violationsOf } from './invariants.js';
import { ObservedRuns } from './observed-runs.js';
import type { Race } from './race.js';
import { resumeViolations } from './resume-check.js';
import type { BedPlan } from './test-bed.js';

const RIVALS = 8;

/** Several applies at once: of one plan, with one of them killed, and of plans that overlap. */
export const rivalRaces: readonly Race[] = [
  samePlan('with one receipt', 'shared', null),
  samePlan('with receipts of their own', 'own', null),
  ...['step mongo-written', 'step mongo-committed', 'step postgres-committed'].map((point) =>
    samePlan(`of which the first is killed at ${point}`, 'shared', point),
  ),
  overlappingPlans(),
];

function samePlan(how: string, receipts: 'shared' | 'own', deathAt: string | null): Race {
  return {
    name: `the same plan ${RIVALS} times at once, ${how}`,
    run: async ({ bed, plans }, pool) => {
      const runs = await ObservedRuns.begin(bed, plans.allTeams);
      let alive = true;
      const endings = await Promise.all(
        Array.from({ length: RIVALS }, () => {
          const own = receipts === 'own' ? { receipt: bed.newReceipt() } : {};
          const order = runs.order({ ...own, concurrency: 2, pauseAt: deathAt === null ? [] : [deathAt] });
          return pool.run(order, (run) => {
            if (alive) run.kill();
            alive = false;
            return Promise.resolve();
          });
        }),
      );
      const evidence = await runs.ended({ kind: 'killed', point: null });
      const state = teamState(evidence.effects, evidence.end.rows);
      const notDone: Violation[] =
        state === 'done' ? [] : [{ kind: 'report', text: `after all of them the plan is ${state}` }];
      const last = await runs.ended(await pool.run(runs.order({})));
      return [
        ...runs.violations,
        ...notDone,
        ...rivalViolations(endings, plans.allTeams, deathAt === null ? 'nobody' : 'one'),
        ...(receipts === 'shared' ? resumeViolations(last) : []),
      ];
    },
  };
}

/** Each team is applied by one run; every other run finds it done, or says that it was kept out. */
function rivalViolations(endings: readonly Ending[], plan: BedPlan, killed: 'nobody' | 'one'): Violation[] {
  const wrong = (text: string): Violation => ({ kind: 'report', text });
  const doers = new Map<string, number>();
  const violations: Violation[] = [];
  for (const ending of endings) {
    if (ending.kind === 'killed' && killed === 'one') continue;
    if (ending.kind === 'failure' && ending.message.includes('another apply is running')) continue;
    if (ending.kind !== 'report' || ending.result !== 'complete') {
      violations.push(wrong(`one of several runs ended with ${JSON.stringify(ending)}`));
      continue;
    }
    for (const [team, { kind }] of ending.outcomes)
      if (kind !== 'already-done') doers.set(team, (doers.get(team) ?? 0) + 1);
  }
  for (const team of plan.teams) {
    const times = doers.get(team) ?? 0;
    // What the killed run had committed is nobody's.
    if (times > 1 || (times === 0 && killed === 'nobody')) {
      violations.push(wrong(`team ${team} was applied by ${times} runs`));
    }
  }
  return violations;
}

function overlappingPlans(): Race {
  return {
    name: 'two plans with one team in common at once',
    run: async ({ bed, plans }, pool) => {
      const [one, other] = plans.overlapping;
      const baseline = await bed.restore();
      const endings = await Promise.all(
        plans.overlapping.map((plan) => pool.run(bed.order(plan, bed.newReceipt(), { onDrift: 'skip' }))),
      );
      const residue = await bed.residue();
      const end = await bed.dump();
      const common = one.teams.find((team) => other.teams.includes(team));
      if (common === undefined) throw new Error('the plans have nothing in common');
      const isDoneBy = (plan: BedPlan): boolean =>
        teamState(
          plan.effects.filter(({ team }) => team === common),
          end.rows,
        ) === 'done';
      const winner = isDoneBy(one) ? one : other;
      const loser = winner === one ? other : one;
      const [won, lost] = winner === one ? endings : [...endings].reverse();
      const effects = [...winner.effects, ...loser.effects.filter(({ team }) => team !== common)];
      const violations = violationsOf({
        teams: [...new Set([...one.teams, ...other.teams])],
        effects,
        baseline,
        start: baseline,
        end,
        ending: { kind: 'killed', point: null },
        atomicity: 'transactions',
        disputed: null,
      });
      return [...residue, ...violations, ...verdicts(won, lost, common)];
    },
  };
}

function verdicts(won: Ending | undefined, lost: Ending | undefined, common: string): Violation[] {
  const outcome = (ending: Ending | undefined): string =>
    ending?.kind === 'report' ? (new Map(ending.outcomes).get(common)?.kind ?? 'nothing') : 'nothing';
  // Whoever comes second finds all that it wants, or something else.
  const fair = outcome(won) === 'applied' && ['already-done', 'drifted'].includes(outcome(lost));
  return fair
    ? []
    : [{ kind: 'report', text: `of two plans one says ${outcome(won)}, the other ${outcome(lost)}` }];
}

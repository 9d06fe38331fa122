import { wrong, type Violation } from './evidence.js';
import { teamState, violationsOf } from './invariants.js';
import { ObservedRuns } from './observed-runs.js';
import type { Ending } from './order.js';
import { race, type Race, type RaceBed } from './race.js';
import type { BedPlan } from './test-bed.js';

const RIVALS = 8;
const WORKERS = 4;
const DEATHS = 12;
/** Any odd number; the same deaths are died in every run of the suite. */
const SEED = 20_261_122;

/** Several applies at once: of one plan, with one of them killed, and of plans that overlap. */
export const rivalRaces: readonly Race[] = [
  samePlan('with one receipt', 'shared', null),
  samePlan('with receipts of their own', 'own', null),
  ...['step mongo-written', 'step mongo-committed', 'step postgres-committed'].map((point) =>
    samePlan(`of which the first is killed at ${point}`, 'shared', point),
  ),
  { name: 'two plans with one team in common at once', run: overlappingPlans },
];

function samePlan(how: string, receipts: 'shared' | 'own', deathAt: string | null): Race {
  return race(`the same plan ${RIVALS} times at once, ${how}`, 'allTeams', async (runs, bed) => {
    let alive = true;
    const endings = await Promise.all(
      Array.from({ length: RIVALS }, () => {
        const own = receipts === 'own' ? { receipt: bed.newReceipt() } : {};
        return runs.run({ ...own, concurrency: 2, pauseAt: deathAt === null ? [] : [deathAt] }, (run) => {
          if (alive) run.kill();
          alive = false;
        });
      }),
    );
    const { effects, end } = await runs.ended({ kind: 'killed', point: null });
    const state = teamState(effects, end.rows);
    if (state !== 'done') runs.violations.push(wrong(`after all of them the plan is ${state}`));
    runs.violations.push(...rivalViolations(endings, runs.plan, deathAt === null ? 'nobody' : 'one'));
    if (receipts === 'shared') await runs.finish();
    else await runs.apply();
  });
}

/** Each team is applied by one run; every other run finds it done, or says that it was kept out. */
function rivalViolations(endings: readonly Ending[], plan: BedPlan, killed: 'nobody' | 'one'): Violation[] {
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

async function overlappingPlans(bed: RaceBed): Promise<Violation[]> {
  const one = await ObservedRuns.begin(bed, 'firstTwo');
  const other = await ObservedRuns.begin(bed, 'nextTwo');
  const baseline = await bed.dump();
  const [endingOfOne, endingOfOther] = await Promise.all(
    [one, other].map((runs) => runs.run({ onDrift: 'skip' })),
  );
  const residue = await bed.residue();
  const end = await bed.dump();
  const common = one.plan.teams.find((team) => other.plan.teams.includes(team));
  if (common === undefined) throw new Error('the plans have nothing in common');
  const ofCommon = one.plan.effects.filter(({ team }) => team === common);
  const oneWon = teamState(ofCommon, end.rows) === 'done';
  const [won, lost] = oneWon ? [one, other] : [other, one];
  const violations = violationsOf({
    teams: [...new Set([...one.plan.teams, ...other.plan.teams])],
    effects: [...won.plan.effects, ...lost.plan.effects.filter(({ team }) => team !== common)],
    baseline,
    start: baseline,
    end,
    ending: { kind: 'killed', point: null },
    atomicity: 'transactions',
    disputed: null,
  });
  const outcomeIn = (ending: Ending | undefined): string =>
    ending?.kind === 'report' ? (new Map(ending.outcomes).get(common)?.kind ?? 'nothing') : 'nothing';
  const first = outcomeIn(oneWon ? endingOfOne : endingOfOther);
  const second = outcomeIn(oneWon ? endingOfOther : endingOfOne);
  // The second one finds all that it wants, or something else.
  const fair = first === 'applied' && (second === 'already-done' || second === 'drifted');
  const unfair = wrong(`of two plans one says ${first}, the other ${second}`);
  return [...residue, ...violations, ...(fair ? [] : [unfair])];
}

/** Several workers at several teams are killed in the middle of it, at points drawn once and for all. */
export const killedFleets: readonly Race[] = Array.from({ length: DEATHS }, (_, index): Race => {
  const [first, second] = [draw(index, 0), draw(index, 1)];
  const name = `${WORKERS} workers are killed at their point ${first}, and in the next run at point ${second}`;
  return race(name, 'allTeams', async (runs) => {
    for (const dieAt of [first, second]) await runs.apply({ concurrency: WORKERS, dieAt });
    await runs.finish({ concurrency: WORKERS });
  });
});

/** A number from 0 to 47: four teams come by 58 points. */
function draw(index: number, which: number): number {
  let state = SEED + index * 2 + which;
  // xorshift, with enough rounds for neighbours to have nothing in common.
  for (let round = 0; round < 8; round++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return (state >>> 0) % 48;
}

import type { Race } from './race.js';
import { ObservedRuns } from './observed-runs.js';
import { resumeViolations } from './resume-check.js';

const WORKERS = 4;
const DEATHS = 12;
/** Any odd number; the same deaths are died in every run of the suite. */
const SEED = 20_261_122;

/** Several workers at several teams are killed in the middle of it, at points drawn once and for all. */
export const killedFleets: readonly Race[] = Array.from({ length: DEATHS }, (_, index): Race => {
  const [first, second] = [draw(index, 0), draw(index, 1)];
  return {
    name: `${WORKERS} workers are killed at their point ${first}, and in the next run at point ${second}`,
    run: async ({ bed, plans }, pool) => {
      const runs = await ObservedRuns.begin(bed, plans.allTeams);
      for (const dieAt of [first, second]) {
        await runs.ended(await pool.run(runs.order({ concurrency: WORKERS, dieAt })));
      }
      const last = await runs.ended(await pool.run(runs.order({ concurrency: WORKERS })));
      return [...runs.violations, ...resumeViolations(last)];
    },
  };
});

/** A number from 0 to 47: four teams come by 58 points. */
function draw(index: number, which: number): number {
  let state = SEED + index * 2 + which;
  // xorshift, after a few rounds of which neighbours have nothing in common.
  for (let round = 0; round < 8; round++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
  }
  return (state >>> 0) % 48;
}

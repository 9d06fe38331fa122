import { describe, expect, test } from 'vitest';
import { BAD_PLANS } from './hostile.js';
import { refusalOf } from './reading.js';
import type { BadPlan } from './spoil.js';
import { samplePlan } from './sample-plan.js';

async function judge(spoil: BadPlan['spoil'], good: string): Promise<string> {
  try {
    return await refusalOf(Buffer.from(spoil(good)));
  } catch (error) {
    return `not refused: ${String(error)}`;
  }
}

describe('bad plans', () => {
  test('are all refused, each for its own defect', async () => {
    const good = (await samplePlan()).toString('utf8');
    const wrong: string[] = [];
    for (const { name, refusal, spoil } of BAD_PLANS) {
      const problem = await judge(spoil, good);
      if (!refusal.test(problem)) wrong.push(`${name}: ${problem}`);
      // A refusal is shown on a terminal.
      if (/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(problem))
        wrong.push(`${name}: unsafe to show`);
    }
    process.stdout.write(`bad plans rejected: ${BAD_PLANS.length - wrong.length} of ${BAD_PLANS.length}\n`);
    expect(wrong).toEqual([]);
  });

  test('are at least sixty, under different names', () => {
    expect(new Set(BAD_PLANS.map(({ name }) => name)).size).toBe(BAD_PLANS.length);
    expect(BAD_PLANS.length).toBeGreaterThanOrEqual(60);
  });
});

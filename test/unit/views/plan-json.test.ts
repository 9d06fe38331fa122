import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { filteredPlan, NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { planJson } from '../../../src/views/plan/plan-json.js';
import type { ShownPlan } from '../../../src/views/plan/shown-plan.js';
import { alters, decision, DIGEST, id, inserts, shownPlan, team, textOf } from './sample-plan.js';

const TEAM = id('7', 1);
const ANN = id('a', 1);
const NAME = 'a\u001b[2J\u202e\u200b</script>"\\\n';

const plan = shownPlan({
  teams: [
    team(TEAM, NAME, [
      decision(ANN, 'member', [
        ...inserts([TEAM, ANN, 'member', 'member-wants'], id('e', 1)),
        ...alters('delete', [TEAM, ANN, 'admin', 'member-extra'], id('d', 1), 1),
      ]),
    ]),
  ],
  findings: [{ code: 'malformed-row', team: null, user: null }],
});

async function viewOf(shown: ShownPlan, filter: Partial<PlanFilter> = {}) {
  const part = await filteredPlan(shown, { ...NO_FILTER, ...filter });
  return viewShape.parse(JSON.parse(await textOf(planJson(part))));
}

const viewShape = z.looseObject({
  format: z.literal('fix-roles/plan-view'),
  formatVersion: z.literal(1),
  digest: z.string(),
  filter: z.unknown(),
  note: z.string().nullable(),
  shown: z.unknown(),
  all: z.unknown(),
  header: z.unknown(),
  findings: z.array(z.unknown()),
  blocked: z.array(z.unknown()),
  teams: z.array(
    z.object({
      team: z.object({ name: z.string() }),
      decisions: z.array(z.object({ changes: z.array(z.object({ op: z.string() })) })),
    }),
  ),
});

describe('planJson', () => {
  it('is one JSON document that holds the whole plan', async () => {
    const view = await viewOf(plan);
    expect(view.digest).toBe(DIGEST);
    expect(view.header).toEqual(plan.header);
    expect(view.filter).toBeNull();
    expect(view.findings).toEqual([{ code: 'malformed-row', team: null, user: null }]);
    expect(view.blocked).toEqual([]);
    expect(view.teams[0]?.team.name).toBe(NAME);
    expect(view.teams[0]?.decisions[0]?.changes).toHaveLength(4);
  });

  it('holds only what a filter leaves, and says so', async () => {
    const view = await viewOf(plan, { ops: ['delete'], stores: ['mongo'] });
    expect(view.teams[0]?.decisions[0]?.changes.map(({ op }) => op)).toEqual(['delete']);
    expect(view.shown).toEqual({ teams: 1, users: 1, changes: 1 });
    expect(view.all).toEqual({ teams: 1, users: 1, changes: 4 });
    expect(view.note).toContain('part of the plan');
  });

  it('is harmless on a terminal', async () => {
    const text = await textOf(planJson(await filteredPlan(plan, NO_FILTER)));
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
  });

  it('is valid for an empty plan', async () => {
    expect((await viewOf(shownPlan({}))).teams).toEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { filteredPlan, NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { planJson } from '../../../src/views/plan/plan-json.js';
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

async function viewOf(filter: Partial<PlanFilter> = {}): Promise<unknown> {
  return JSON.parse(await textOf(planJson(await filteredPlan(plan, { ...NO_FILTER, ...filter }))));
}

describe('planJson', () => {
  it('is one JSON document that holds the whole plan', async () => {
    expect(await viewOf()).toMatchObject({
      format: 'fix-roles/plan-view',
      formatVersion: 1,
      digest: DIGEST,
      header: plan.header,
      filter: null,
      findings: [{ code: 'malformed-row', team: null, user: null }],
      blocked: [],
      teams: [{ team: { name: NAME }, decisions: [{ changes: Array(4).fill({}) }] }],
    });
  });

  it('holds only what a filter leaves, and says so', async () => {
    expect(await viewOf({ ops: ['delete'], stores: ['mongo'] })).toMatchObject({
      teams: [{ decisions: [{ changes: [{ op: 'delete' }] }] }],
      shown: { teams: 1, users: 1, changes: 1 },
      all: { teams: 1, users: 1, changes: 4 },
      note: expect.stringContaining('part of the plan') as unknown,
    });
  });
});

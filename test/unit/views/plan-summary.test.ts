import { describe, expect, it } from 'vitest';
import { planSummary } from '../../../src/views/plan/plan-summary.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { alters, decision, DIGEST, id, shownPlan, team } from './sample-plan.js';

const TEAM = id('7', 1);
const ANN = id('a', 1);
const where = [TEAM, ANN, 'admin', 'member-extra'] as const;
const removing = shownPlan({
  teams: [team(TEAM, 'One', [decision(ANN, 'member', alters('delete', where, id('d', 1), 1))])],
  findings: [{ code: 'unlinked-row', team: TEAM, user: ANN }],
  blocked: [
    { code: 'link-conflict', team: TEAM, user: ANN },
    { code: 'link-conflict', team: TEAM, user: id('a', 2) },
  ],
});

describe('planSummary', () => {
  it('gives totals, what is listed, the digest and the next commands', () => {
    expect(planSummary(removing, PLAIN_TERMINAL, 'plan.json').split('\n')).toEqual([
      '2 changes for 1 user in 1 team.',
      'Takes away 1 of 1,480 active roles in MongoDB (0.1 %).',
      'Takes away 1 of 1,462 active roles in PostgreSQL (0.1 %).',
      'MongoDB: delete 1',
      'PostgreSQL: delete 1',
      'Findings: unlinked-row 1',
      'Blocked, needs a person: link-conflict 2',
      DIGEST,
      'Next: fix-roles show plan.json, then fix-roles apply plan.json',
      '',
    ]);
  });

  it('names a command that can be pasted, whatever the file is called', () => {
    expect(planSummary(removing, PLAIN_TERMINAL, "it's a plan; rm -rf")).toContain(
      `fix-roles apply 'it'\\''s a plan; rm -rf'`,
    );
    expect(planSummary(removing, PLAIN_TERMINAL, null)).toContain('fix-roles apply PLAN');
  });

  it('says which part of all teams it is, of which the limit cannot be told', () => {
    const filter = { ...removing.header.filter, shard: { index: 0, count: 4 } };
    const summary = { ...removing.header.summary, activeRoles: { mongo: 0, postgres: 0 } };
    const part = { ...removing, header: { ...removing.header, summary, filter } };
    expect(planSummary(part, PLAIN_TERMINAL, 'plan.json')).toMatch(
      /^Part 0 of 4 of all teams, counted from 0\.\n2 changes/,
    );
  });

  it('says that there is nothing to change, and proposes no apply', () => {
    const text = planSummary(shownPlan({}), PLAIN_TERMINAL, 'plan.json');
    expect(text).toContain('Nothing to change.');
    expect(text).not.toContain('apply');
  });

  it('points to the entries of a plan that changes nothing but blocks', () => {
    const blocking = shownPlan({ blocked: [{ code: 'team-without-owner', team: TEAM, user: null }] });
    expect(planSummary(blocking, PLAIN_TERMINAL, 'plan.json')).toContain(
      'Next: fix-roles show plan.json explains 1 entry',
    );
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { filteredPlan, NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { planHtml } from '../../../src/views/plan/plan-html.js';
import type { ShownPlan } from '../../../src/views/plan/shown-plan.js';
import { generatedPlan } from './generated-plan.js';
import { DIGEST, id, textOf } from './sample-plan.js';

async function html(plan: ShownPlan, filter: PlanFilter = NO_FILTER): Promise<string> {
  return textOf(planHtml(await filteredPlan(plan, filter), 'plan.json'));
}

/** The contents of all elements of this name, as a browser cuts them out. */
function contents(document: string, name: 'style' | 'script'): string[] {
  const elements = document.matchAll(new RegExp(`<${name}[^>]*>([^]*?)</${name}>`, 'gi'));
  return [...elements].map(([, text = '']) => text);
}

const teamsSchema = z.object({ teams: z.array(z.array(z.unknown())), shapes: z.array(z.array(z.string())) });
const teamsIn = (document: string) =>
  teamsSchema.parse(JSON.parse(contents(document, 'script')[1] ?? '')).teams;

describe('planHtml', () => {
  it('allows exactly its own style sheet and script, and nothing from anywhere', async () => {
    const document = await html(generatedPlan(2));
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(document)?.[1] ?? '';
    const hashOf = (text = '') => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      `style-src ${hashOf(contents(document, 'style')[0])}`,
      `script-src ${hashOf(contents(document, 'script').at(-1))}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    expect(document).not.toMatch(/https?:|url\(|@import|<link|<img|<iframe| on[a-z]+=| style=/);
  });

  it('says what the plan is for, its totals, digest and next command', async () => {
    const document = await html(generatedPlan(2));
    expect(document).toContain('<h1>Plan to repair team roles</h1>');
    expect(document).toContain('Takes away 4 of 1,480 active roles in MongoDB');
    expect(document).toContain(DIGEST);
    expect(document).toContain('<code>fix-roles apply plan.json</code>');
    expect(document).toContain('<b>team-without-owner</b> <span class="count">1</span>');
  });

  it('holds every team, those that lose roles first, and says so where it is only a part', async () => {
    expect(teamsIn(await html(generatedPlan(7)))).toHaveLength(7);
    const document = await html(generatedPlan(7), { ...NO_FILTER, teams: [id('7', 3)] });
    expect(teamsIn(document)).toHaveLength(1);
    expect(document).toContain('10 of 70 changes, for 3 of 21 users in 1 of 7 teams, shown.');
  });
});

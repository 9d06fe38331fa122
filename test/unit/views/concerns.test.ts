import { expect, test } from 'vitest';
import { BLOCK_CODES, FINDING_CODES } from '../../../src/model/finding.js';
import { DEFAULT_MAPPING, mappingSchema } from '../../../src/model/mapping.js';
import { filteredPlan, NO_FILTER } from '../../../src/views/plan-filter.js';
import { planHtml } from '../../../src/views/plan-html.js';
import { planMarkdown } from '../../../src/views/plan-markdown.js';
import { planText } from '../../../src/views/plan-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { shownPlan, textOf } from './sample-plan.js';

const DEFAULT_NAMES = ['mongo_id', 'created_by', 'is_active', 'last_sync_at'];

/** Every name another one. */
const RENAMED = mappingSchema.parse(
  JSON.parse(
    JSON.stringify(DEFAULT_MAPPING, (key, value: unknown) =>
      typeof value === 'string' && key !== 'ids' && key !== 'writeIdsAs'
        ? `my_${value.toUpperCase()}`
        : value,
    ),
  ),
);

async function renderings(mapping: typeof RENAMED): Promise<string[]> {
  const team = 'a'.repeat(24);
  const plan = shownPlan({
    header: { mapping },
    findings: FINDING_CODES.map((code) => ({ code, team, user: null })),
    blocked: BLOCK_CODES.map((code) => ({ code, team, user: null })),
  });
  const filtered = await filteredPlan(plan, NO_FILTER);
  return [
    await textOf(planText(filtered, PLAIN_TERMINAL, 'plan.json')),
    await planMarkdown(filtered, { maxBytes: 100_000, planFile: 'plan.json' }),
    await textOf(planHtml(filtered, 'plan.json')),
  ];
}

test('what is to be corrected goes by the names of the mapping, in every form', async () => {
  for (const text of await renderings(RENAMED)) {
    expect(text).toMatch(/unless somebody fills in .{0,6}my_MONGO_ID/);
    expect(text).toMatch(/mostly its .{0,6}my_MONGO_ID/);
    expect(text).toMatch(/Set .{0,6}my_CREATED_BY.{0,7} of the team/);
    // The header says of every name what it would be by default.
    const besides = text.replaceAll(/\(default:[^)]*\)/g, '');
    for (const name of DEFAULT_NAMES) expect(besides).not.toContain(name);
  }
  for (const text of await renderings(DEFAULT_MAPPING)) expect(text).toMatch(/fills in .{0,6}mongo_id/);
});

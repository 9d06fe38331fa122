import { expect, test } from 'vitest';
import { BLOCK_CODES, FINDING_CODES } from '../../../src/model/finding.js';
import { DEFAULT_MAPPING, mappingSchema } from '../../../src/model/mapping.js';
import { filteredPlan, NO_FILTER } from '../../../src/views/plan/plan-filter.js';
import { planHtml } from '../../../src/views/plan/plan-html.js';
import { planMarkdown } from '../../../src/views/plan/plan-markdown.js';
import { planText } from '../../../src/views/plan/plan-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { id, shownPlan, textOf } from './sample-plan.js';

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

async function renderings(parts: Parameters<typeof shownPlan>[0]): Promise<string[]> {
  const plan = shownPlan(parts);
  const filtered = await filteredPlan(plan, NO_FILTER);
  return [
    await textOf(planText(filtered, PLAIN_TERMINAL, 'plan.json')),
    await planMarkdown(filtered, { maxBytes: 100_000, planFile: 'plan.json' }),
    await textOf(planHtml(filtered, 'plan.json')),
  ];
}

function everyCode(mapping: typeof RENAMED): Promise<string[]> {
  const about = { team: id('a', 1), user: null };
  return renderings({
    header: { mapping },
    findings: FINDING_CODES.map((code) => ({ code, ...about })),
    blocked: BLOCK_CODES.map((code) => ({ code, ...about })),
  });
}

test('what is to be corrected goes by the names of the mapping, in every form', async () => {
  for (const text of await everyCode(RENAMED)) {
    expect(text).toMatch(/unless somebody fills in .{0,6}my_MONGO_ID/);
    expect(text).toMatch(/mostly its .{0,6}my_MONGO_ID/);
    expect(text).toMatch(/Set .{0,6}my_CREATED_BY.{0,7} of the team/);
    // The header says of every name what it would be by default.
    const besides = text.replaceAll(/\(default:[^)]*\)/g, '');
    for (const name of DEFAULT_NAMES) expect(besides).not.toContain(name);
  }
  for (const text of await everyCode(DEFAULT_MAPPING)) expect(text).toMatch(/fills in .{0,6}mongo_id/);
});

test('every malformed row of a user is told with store, row, field and value, and none of them can act', async () => {
  const block = { code: 'malformed-row', team: id('a', 1), user: id('b', 1) } as const;
  const blocked = [
    { ...block, at: { store: 'mongo', row: id('d', 1), field: 'role_name' }, value: '7' },
    { ...block, at: { store: 'postgres', row: '17', field: 'mongo_id' }, value: '"<b>\u200b`|"' },
    { ...block, at: { store: 'postgres', row: '18', field: 'mongo_id' }, value: '(absent)' },
  ] as const;
  const [text = '', markdown = '', html = ''] = await renderings({ blocked });
  const whose = `team ${block.team}, user ${block.user}`;
  const told = [
    `MongoDB row ${id('d', 1)}: role_name holds 7`,
    'PostgreSQL row 17: mongo_id holds "<b>\\u{200b}`|"',
    'PostgreSQL row 18: mongo_id holds (absent)',
  ].map((row) => `${whose}, ${row}`);
  for (const line of told) expect(text.replaceAll(/\s+/g, ' ')).toContain(` ${line} `);
  for (const plain of [told[0], told[2]]) {
    expect(markdown.replaceAll('`', '')).toContain(`- malformed-row: ${String(plain)}\n`);
    expect(html.replaceAll(/<\/?code>/g, '')).toContain(`<li>${String(plain)}</li>`);
  }
  expect(markdown).toContain('holds ``"<b>\\u{200b}`|"``\n');
  expect(html).toContain('holds <code>&#34;&#60;b&#62;\\u{200b}`|&#34;</code>');
});

import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../../src/model/finding.js';
import { driftText } from '../../../src/views/drift-text.js';
import { filteredPlan, NO_FILTER } from '../../../src/views/plan/plan-filter.js';
import { planHtml } from '../../../src/views/plan/plan-html.js';
import { planJson } from '../../../src/views/plan/plan-json.js';
import { planMarkdown } from '../../../src/views/plan/plan-markdown.js';
import { planText } from '../../../src/views/plan/plan-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { alters, decision, id, shownPlan, team, textOf } from './sample-plan.js';

const [TEAM, ANN, EVE] = [id('7', 1), id('a', 1), id('c', 1)];
const PLAIN = 'Ann';
const HOSTILE: readonly (readonly [what: string, name: string])[] = [
  ['line breaks', 'A\n\r\u2028nn'],
  ['bidirectional controls', '\u202eAnn\u2066'],
  ['markup', '</script><img src=x onerror=alert(1)>&"\''],
  ['Markdown', '`` | **A** [x](http://x.y) <!--'],
  ['ANSI', '\u001b[31mA\u009b2Jnn'],
  ['10,000 characters', 'A'.repeat(10_000)],
];

/** People of this name, in a team and with a role that are called so. */
function planWith(name: string | undefined, teamName = 'One', role = 'admin') {
  const loses = alters('delete', [TEAM, ANN, role, 'member-extra'], id('d', 1), 1);
  const { team: head } = team(TEAM, teamName, []);
  const finding: Finding = { code: 'unknown-role', team: TEAM, user: EVE, name };
  const teams = [
    { team: { ...head, createdByName: name }, decisions: [{ ...decision(ANN, 'member', loses), name }] },
  ];
  return filteredPlan(shownPlan({ teams, findings: [finding] }), NO_FILTER);
}

const rendered = (markdown: string): string =>
  micromark(markdown, { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true });

type Parts = Parameters<typeof planWith>;
const VIEWS: readonly (readonly [view: string, (...parts: Parts) => Promise<string>])[] = [
  ['text', async (...parts) => textOf(planText(await planWith(...parts), PLAIN_TERMINAL, null))],
  [
    'Markdown',
    async (...parts) => planMarkdown(await planWith(...parts), { maxBytes: 60_000, planFile: 'plan.json' }),
  ],
  ['HTML', async (...parts) => textOf(planHtml(await planWith(...parts), 'plan.json'))],
  ['JSON', async (...parts) => textOf(planJson(await planWith(...parts)))],
];

describe.each(VIEWS)('names of people in %s', (view, shown) => {
  test('stand beside the ids of users, creators and findings, and not where there are none', async () => {
    const [named, nameless] = [await shown(PLAIN), await shown(undefined)];
    expect(named.split(PLAIN)).toHaveLength(4);
    for (const user of [ANN, EVE]) expect(named.split(user)).toHaveLength(nameless.split(user).length);
    expect(nameless).not.toMatch(/Ann|undefined|"name":null,"standing/);
  });

  test.for(HOSTILE)(
    '(%s) act on nothing and hide nothing, nor do those of teams and roles',
    async ([, name]) => {
      const text = await shown(name, name, name);
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      if (view === 'Markdown') expect(rendered(text)).not.toContain('<img');
      // A terminal makes no markup of anything.
      else if (view !== 'text') expect(text).not.toContain('<img');
      // The text breaks long lines at words.
      const lines = (await shown(PLAIN)).split('\n').length;
      expect(text.split('\n').length - lines).toBeLessThanOrEqual(view === 'text' ? 9 : 0);
      expect(text).toContain(ANN);
      if (view !== 'JSON') expect(text.length - (await shown(PLAIN)).length).toBeLessThan(3 * 500);
    },
  );
});

test('the creator is named in a line of its own unless a decision names the same person', async () => {
  const text = await textOf(planText(await planWith(PLAIN), PLAIN_TERMINAL, null));
  expect(text).toContain(
    `team ${TEAM}  live, created by ${EVE}  "One"\n  creator  "Ann"\n  user ${ANN}  active`,
  );
  const ofOwner = await planWith(PLAIN);
  const teams = [];
  for await (const { team: head, decisions } of ofOwner.plan.teams())
    teams.push({ team: { ...head, createdBy: ANN }, decisions });
  const owned = await textOf(
    planText(await filteredPlan(shownPlan({ teams }), NO_FILTER), PLAIN_TERMINAL, null),
  );
  expect(owned).toMatch(/"One"\n {2}user \w+ {2}active member {2}"Ann"\n/);
});

test.for(HOSTILE)('a drift names whose it is, harmlessly (%s)', ([, name]) => {
  const drift = {
    user: ANN,
    name,
    about: 'membership',
    planned: { active: true },
    found: { active: false },
  } as const;
  const text = driftText([drift], PLAIN_TERMINAL);
  const [first = '', ...rest] = text.split('\n');
  expect(first).toMatch(
    new RegExp(`^ {4}membership of user ${ANN}, planned \\(-\\) against found \\(\\+\\): {2}".+"$`),
  );
  expect(rest).toHaveLength(driftText([{ ...drift, name: PLAIN }], PLAIN_TERMINAL).split('\n').length - 1);
  expect(driftText([{ ...drift, name: undefined }], PLAIN_TERMINAL)).toMatch(/found \(\+\):\n/);
});

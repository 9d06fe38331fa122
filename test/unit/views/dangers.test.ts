import { describe, expect, test } from 'vitest';
import { filteredPlan, NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { fairShares } from '../../../src/views/plan/danger-words.js';
import { planHtml } from '../../../src/views/plan/plan-html.js';
import { planJson } from '../../../src/views/plan/plan-json.js';
import { planMarkdown } from '../../../src/views/plan/plan-markdown.js';
import { planText } from '../../../src/views/plan/plan-text.js';
import { terminalFor } from '../../../src/views/terminal.js';
import { holder, planOfAll, teamOf, type Somebody } from '../files/dangers/some-plan.js';
import { id, type SampleTeam } from '../files/sample-plan.js';
import { readBytes } from '../files/reading.js';
import { textOf } from './sample-plan.js';

interface Shown {
  /** By width of the terminal. */
  readonly text: Readonly<Record<80 | 120, string>>;
  readonly markdown: string;
  readonly html: string;
  readonly json: string;
}

async function shown(bytes: Uint8Array, filter: PlanFilter = NO_FILTER): Promise<Shown> {
  const plan = await readBytes(bytes);
  try {
    const filtered = await filteredPlan(plan, filter);
    const textAt = (columns: number): Promise<string> =>
      textOf(planText(filtered, terminalFor({ isTTY: false, columns, env: {} }), 'plan.json'));
    return {
      text: { 80: await textAt(80), 120: await textAt(120) },
      markdown: await planMarkdown(filtered, { maxBytes: 60_000, planFile: 'plan.json' }),
      html: await textOf(planHtml(filtered, 'plan.json')),
      json: await textOf(planJson(filtered)),
    };
  } finally {
    await plan.close();
  }
}

function firstLines(text: string, count = 40): string {
  return text.split('\n').slice(0, count).join('\n');
}

/** Numbers from 0 to below `below`, always the same for a seed. */
function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const NOBODY = 500;
/** What goes wrong in real databases every day: many small things, and nothing of several teams at once. */
function ordinaryTeams(seed: number): SampleTeam[] {
  const next = chance(seed);
  return Array.from({ length: 120 }, (_, index) => {
    const number = 200 + index;
    const owner = 1000 + index * 20;
    const people: Somebody[] = [
      holder(owner, true, ...(next(3) === 0 ? ['member'] : ['owner', 'admin', 'member'])),
      ...Array.from({ length: 3 + next(5) }, (__, at) => {
        const roles = next(4) === 0 ? ['admin', 'member'] : next(9) === 0 ? [] : ['member'];
        return holder(owner + 1 + at, next(12) > 0, ...roles);
      }),
    ];
    return teamOf(number, owner, people);
  });
}

const FULL = ['owner', 'admin', 'member'] as const;
const SWAPPED = 10;
const EMPTIED = 11;
const RISER = 501;
const LEAVER = 502;

/** One danger of each kind among them, at places that the seed says. */
function planted(seed: number): SampleTeam[] {
  const teams = ordinaryTeams(seed);
  const next = chance(seed + 1);
  const some = (count: number, from: number): Somebody[] =>
    Array.from({ length: count }, (_, at) => holder(from + at, true, 'member'));
  const swapped = teamOf(SWAPPED, NOBODY, [holder(600, true, ...FULL), ...some(4, 601)], 'Swapped');
  const emptied = teamOf(
    EMPTIED,
    640,
    Array.from({ length: 11 }, (_, at) => holder(641 + at, false, 'member')),
    'Emptied',
  );
  const risen = Array.from({ length: 11 }, (_, at) =>
    teamOf(20 + at, RISER, some(5, 700 + at * 10), `Risen ${at}`),
  );
  const left = Array.from({ length: 7 }, (_, at) => {
    const owner = 900 + at * 10;
    return teamOf(40 + at, owner, [
      holder(owner, true, ...FULL),
      ...some(5, owner + 1),
      holder(LEAVER, false, 'member'),
    ]);
  });
  const misspelt = Array.from({ length: 2 }, (_, at) => {
    const owner = 1_000_000 + at * 10;
    const people = [holder(owner, true, ...FULL), ...some(4, owner + 1)];
    return teamOf(50 + at, owner, [...people, holder(owner + 6, true, 'member', 'Owner')]);
  });
  for (const team of [swapped, emptied, ...risen, ...left, ...misspelt])
    teams.splice(next(teams.length), 0, team);
  return teams.sort((a, b) => (a.team.id < b.team.id ? -1 : 1));
}

const PLANTED = [
  `team ${id('a', EMPTIED)} "Emptied"`,
  `team ${id('a', SWAPPED)} "Swapped"`,
  `user ${id('b', RISER)} gets owner and admin in 11 teams`,
  `user ${id('b', LEAVER)} loses every role in 7 teams`,
  '"Owner", perhaps meant as owner, is taken from 2 people in 2 teams',
  'The plan takes away more than apply takes away unasked (25 %, or 10 roles in any case): if it is right, allow it with --max-removals',
];
const KINDS = /most of their people|somebody loses|three teams or more|misspelt|as a whole/;

describe.each([1, 2, 3, 4, 5, 6])('dangers that are planted by seed %d', (seed) => {
  test('all stand within the first 40 lines, whatever the width', async () => {
    const { text } = await shown(await planOfAll(planted(seed), { mongo: 40, postgres: 4000 }));
    for (const each of Object.values(text)) {
      const first = firstLines(each).replaceAll(/\s+/g, ' ');
      for (const danger of PLANTED) expect(first).toContain(danger);
      expect(each.split('\n').length).toBeGreaterThan(400);
    }
  });
});

const forms = await shown(await planOfAll(planted(7), { mongo: 40, postgres: 4000 }));

describe('a plan with dangers', () => {
  test('tells them in Markdown before anything is cut, with what lists the others', () => {
    const plain = forms.markdown.replaceAll('`', '');
    const end = plain.indexOf('As of:');
    for (const danger of PLANTED) expect(plain.indexOf(danger)).toBeGreaterThan(0);
    for (const danger of PLANTED) expect(plain.indexOf(danger)).toBeLessThan(end);
    expect(plain).toMatch(/… and \d+ more: fix-roles show plan\.json --destructive/);
  });

  test('tells less of each kind in a small Markdown, and none of them not at all', async () => {
    const plan = await readBytes(await planOfAll(planted(7), { mongo: 40, postgres: 4000 }));
    const small = await planMarkdown(await filteredPlan(plan, NO_FILTER), {
      maxBytes: 8_000,
      planFile: 'plan.json',
    });
    await plan.close();
    expect(Buffer.byteLength(small)).toBeLessThanOrEqual(8_000);
    for (const danger of PLANTED) expect(small.replaceAll('`', '')).toContain(danger);
  });

  test('links each of them in the page with the filter that shows it', () => {
    const [, section = ''] = /<section id="dangers"(.*?)<\/section>/s.exec(forms.html) ?? [];
    const linked = (label: RegExp): string | undefined =>
      [...section.matchAll(/<a href="([^"]*)">(.*?)<\/a>/g)].find(([, , words = '']) =>
        label.test(words),
      )?.[1];
    expect(linked(/Swapped/)).toBe(`#team=${id('a', SWAPPED)}`);
    expect(linked(/Emptied/)).toBe(`#team=${id('a', EMPTIED)}`);
    expect(linked(/in 11 teams/)).toBe(
      `#user=${id('b', RISER)}&#38;role=owner&#38;role=admin&#38;op=insert&#38;op=reactivate`,
    );
    expect(linked(/perhaps meant as/)).toBe('#role=Owner&#38;op=deactivate&#38;op=delete');
  });

  test('has them in JSON', () => {
    expect(JSON.parse(forms.json)).toMatchObject({
      dangers: {
        exceeded: ['max-removals'],
        missingTeams: 0,
        emptied: { first: [{ team: { name: 'Emptied' }, before: 11, losing: 11, after: 1 }] },
        risers: { count: 1, first: [{ person: { user: id('b', RISER) }, teams: 11 }] },
        leavers: { count: 1, first: [{ person: { user: id('b', LEAVER) }, teams: 7 }] },
        misspelt: { count: 1, first: [{ role: 'Owner', known: 'owner', holders: 2 }] },
      },
    });
    const first = 'dangers.ownership.first.0';
    expect(JSON.parse(forms.json)).toHaveProperty(`${first}.team.name`, 'Swapped');
    expect(JSON.parse(forms.json)).toHaveProperty(`${first}.holders.first.0.user`, id('b', NOBODY));
  });

  test('tells of a part what concerns its teams alone', async () => {
    const filter = { ...NO_FILTER, teams: [id('a', SWAPPED)] };
    const { text } = await shown(await planOfAll(planted(7), { mongo: 4000, postgres: 4000 }), filter);
    expect(firstLines(text[120])).toContain('"Swapped"');
    expect(firstLines(text[120])).not.toMatch(/Emptied|three teams/);
  });
});

test.each([1, 2, 3])('a harmless plan shows none, in no form (seed %d)', async (seed) => {
  const next = chance(seed);
  const teams = Array.from({ length: 60 }, (_, index) => {
    const owner = 1000 + (index % 20) * 40;
    // The creators of three teams each lack copies in one store; members lack what they should have, and guests leave.
    const creator = { number: owner, member: true, mongo: FULL, postgres: next(2) === 0 ? [] : ['member'] };
    const members = Array.from({ length: 5 + next(4) }, (__, at) =>
      holder(owner + 1 + at, true, ...(next(5) === 0 ? ['viewer', 'member'] : ['member'])),
    );
    const guest = holder(5000 + index, false, 'member');
    return teamOf(100 + index, owner, [creator, ...members, ...(next(3) === 0 ? [guest] : [])]);
  });
  const { text, markdown, html, json } = await shown(await planOfAll(teams));
  for (const form of [...Object.values(text), markdown, html]) {
    expect(form).toContain('Nothing stands out.');
    expect(form).not.toMatch(KINDS);
  }
  expect(json.match(/"count":\d+/g)).toEqual(Array.from({ length: 5 }, () => '"count":0'));
});

test('room is shared: the same number of each kind, and what one does not need goes to the others', () => {
  expect(fairShares([[1, 1, 1, 1], [1], [1, 1, 1]], 6)).toEqual([3, 1, 2]);
  expect(
    fairShares(
      [
        [2, 2],
        [2, 2],
      ],
      5,
    ),
  ).toEqual([1, 1]);
  expect(fairShares([[9, 1], [1]], 5)).toEqual([0, 1]);
  expect(fairShares([], 5)).toEqual([]);
});

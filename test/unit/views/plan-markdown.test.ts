import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { describe, expect, it } from 'vitest';
import { filteredPlan, NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { DEFAULT_MAX_BYTES } from '../../../src/views/markdown.js';
import { planMarkdown } from '../../../src/views/plan/plan-markdown.js';
import type { ShownPlan, ShownTeam } from '../../../src/views/plan/shown-plan.js';
import { failureOf } from '../../failure.js';
import { alters, decision, DIGEST, id, inserts, shownPlan, team } from './sample-plan.js';

const TEAM = id('7', 1);
const ANN = id('a', 1);

/** Each team: one user loses a role in both stores, and is given one in both. */
function teams(count: number, name: string): ShownTeam[] {
  return Array.from({ length: count }, (_, n) => {
    const where = [id('7', n), id('a', n)] as const;
    return team(where[0], name, [
      decision(where[1], 'member', [
        ...alters('delete', [...where, 'admin', 'member-extra'], id('d', n), n + 1),
        ...inserts([...where, 'member', 'member-wants'], id('e', n)),
      ]),
    ]);
  });
}

async function markdown(
  plan: ShownPlan,
  { filter = NO_FILTER, maxBytes = DEFAULT_MAX_BYTES }: { filter?: PlanFilter; maxBytes?: number } = {},
): Promise<string> {
  return planMarkdown(await filteredPlan(plan, filter), { maxBytes, planFile: 'plan.json' });
}

describe('planMarkdown', () => {
  it('holds a small plan whole, what takes roles away first, and leaves nothing out', async () => {
    const text = await markdown(
      shownPlan({
        teams: teams(2, 'Payments'),
        blocked: [{ code: 'team-without-owner', team: TEAM, user: null }],
        findings: [{ code: 'unlinked-row', team: TEAM, user: ANN }],
      }),
    );
    expect(text).toContain('| MongoDB | 2 | 0 | 0 | 2 |');
    expect(text).toContain(DIGEST);
    expect(text).toContain(
      `  - user \`${id('a', 0)}\`, active member: **delete** \`admin\` (MongoDB \`${id('d', 0)}\`, PostgreSQL \`1\`; member-extra)`,
    );
    expect(text).toContain(
      `**insert** \`member\` (MongoDB and PostgreSQL, linked by \`${id('e', 1)}\`; member-wants)`,
    );
    expect(text.indexOf('**delete**')).toBeLessThan(text.indexOf('<details>'));
    expect(text.indexOf('**insert**')).toBeGreaterThan(text.indexOf('<summary>Roles given: 4</summary>'));
    expect(text).toContain('Set `created_by` of the team');
    expect(text).toContain(`- unlinked-row: team \`${TEAM}\`, user \`${ANN}\``);
    expect(text).toContain('Next: `fix-roles apply plan.json`');
    expect(text).not.toContain('Left out');
  });

  it.each([
    ['plain names', 'Payments'],
    ['names of several bytes a character', '支付'.repeat(40)],
    ['names that must be escaped', '\u202e`'.repeat(60)],
  ])('never exceeds its size, and uses it, with %s', async (_what, name) => {
    const finding = { code: 'unlinked-row', team: TEAM } as const;
    const findings = Array.from({ length: 300 }, (_, n) => ({ ...finding, user: id('a', n) }));
    const plan = shownPlan({ teams: teams(700, name), findings });
    for (const maxBytes of [7000, 12_345, DEFAULT_MAX_BYTES, 1_000_000]) {
      const text = await markdown(plan, { maxBytes });
      const most = Math.min(maxBytes, 65_535);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(most);
      expect(text.length).toBeLessThan(65_536);
      expect(Buffer.byteLength(text)).toBeGreaterThan(most - 1500);
    }
  });

  it('shares its space between what is taken and what is given, and counts exactly what it left out', async () => {
    const text = await markdown(shownPlan({ teams: teams(2000, 'Payments') }));
    expect(text).toContain('| PostgreSQL | 2,000 | 0 | 0 | 2,000 |');
    const [taken = 0, given = 0] = [/\*\*delete\*\*/g, /\*\*insert\*\*/g].map((op) => text.match(op)?.length);
    expect(taken).toBeGreaterThan(given);
    expect(given).toBeGreaterThan(taken / 3);
    const bare = text.replaceAll(',', '');
    for (const [what, listed, flags] of [
      ['take a role away', 2 * taken, '--destructive'],
      ['give a role', 2 * given, '--op insert --op reactivate'],
    ] as const)
      expect(bare).toContain(
        `${String(4000 - listed)} of 4000 changes that ${what} (\`owner\` and \`admin\` first); only the first ` +
          `${String(listed)} stand here. All of them: \`fix-roles show plan.json ${flags}\``,
      );
  });

  it('leaves to the one what the other does not need', async () => {
    const given = (count: number) =>
      Array.from({ length: count }, (_, n) =>
        team(id('8', n), null, [
          decision(
            id('b', n),
            'member',
            inserts([id('8', n), id('b', n), 'member', 'member-wants'], id('f', n)),
          ),
        ]),
      );
    const text = await markdown(shownPlan({ teams: [...teams(1, 'Payments'), ...given(1000)] }));
    expect(text.match(/\*\*delete\*\*/g)).toHaveLength(1);
    expect(Buffer.byteLength(text)).toBeGreaterThan(DEFAULT_MAX_BYTES - 1500);
  });

  it('lists the roles that only owners have first, where it must leave something out', async () => {
    const many = Array.from({ length: 600 }, (_, n) => {
      const where = [id('7', n), id('a', n), n === 599 ? 'owner' : 'member', 'outsider-holds'] as const;
      return team(where[0], null, [
        decision(where[1], 'outsider', alters('deactivate', where, id('d', n), n + 1)),
      ]);
    });
    const firstRole = (text: string): string | undefined => /\*\*deactivate\*\* `(\w+)`/.exec(text)?.[1];
    expect(firstRole(await markdown(shownPlan({ teams: many })))).toBe('owner');
    expect(firstRole(await markdown(shownPlan({ teams: many.slice(-20) })))).toBe('member');
  });

  it('is refused a size that the totals do not fit into, and named one that works', async () => {
    const plan = shownPlan({ teams: teams(3, 'Payments') });
    const refusal = await failureOf(markdown(plan, { maxBytes: 500 }));
    expect(refusal.kind).toBe('usage');
    const enough = Number(/at least --max-bytes (\d+)/.exec(refusal.text.next)?.[1]);
    const least = await markdown(plan, { maxBytes: enough });
    expect(Buffer.byteLength(least)).toBeLessThanOrEqual(enough);
    expect(least).toContain('none stands here');
    expect(least).not.toContain('first 0');
    expect(least).not.toMatch(/<summary>Roles given.*<\/summary>\s*<\/details>/);
  });

  it('lets no name be markup, mention or link', async () => {
    const name = '`` @admins </details><img src=x> | [a](b) https://example.com\n# title';
    const plan = shownPlan({
      teams: teams(1, name),
      header: {
        targets: {
          mongo: { database: '`@x` <b>', replicaSet: '#1', collections: {} },
          postgres: { systemIdentifier: '1', database: 'www.example.com', table: 'a.b', oid: 1 },
        },
      },
    });
    const options = { extensions: [gfm()], htmlExtensions: [gfmHtml()], allowDangerousHtml: true };
    const html = micromark(await markdown(plan), options);
    expect(html).toContain(
      '<code>`` @admins &lt;/details&gt;&lt;img src=x&gt; | [a](b) https://example.com\\u{a}# title</code>',
    );
    const withoutCode = html.replace(/<code>[^<]*<\/code>/g, '');
    expect(withoutCode).not.toMatch(/<a |<img|<b>|@|example\.com/);
    expect(withoutCode.match(/<details>/g)?.length).toBe(withoutCode.match(/<\/details>/g)?.length);
  });

  it('names a team once, and puts its name where it can disorder nothing', async () => {
    const users = [0, 1, 2].map((n) => {
      const where = [TEAM, id('a', n), 'admin', 'outsider-holds'] as const;
      return decision(where[1], 'outsider', alters('deactivate', where, id('d', n), n + 1));
    });
    const text = await markdown(shownPlan({ teams: [team(TEAM, 'שלום', users)] }));
    expect(text.match(/\*\*team\*\* .*, named `שלום`\n/g)).toHaveLength(1);
    expect(text.match(/ {2}- user /g)).toHaveLength(3);
  });

  it('says that it shows a part', async () => {
    const filter = { ...NO_FILTER, teams: [TEAM] };
    const text = await markdown(shownPlan({ teams: teams(3, 'Payments') }), { filter });
    expect(text).toContain(`This is a part of the plan (only team \`${TEAM}\`): 4 of 12 changes`);
    expect(text.match(/\*\*delete\*\*/g)).toHaveLength(1);
  });

  it('proposes no apply where there is nothing to apply', async () => {
    const text = await markdown(shownPlan({}));
    expect(text).toContain('There is nothing to apply.');
    expect(text).not.toContain('fix-roles apply');
  });
});

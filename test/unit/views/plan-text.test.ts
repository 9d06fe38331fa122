import { describe, expect, it } from 'vitest';
import type { PlanHeader } from '../../../src/files/plan/schema.js';
import { DEFAULT_POLICY, type Policy } from '../../../src/model/policy.js';
import { filteredPlan, NO_FILTER, type PlanFilter } from '../../../src/views/plan/plan-filter.js';
import { planText } from '../../../src/views/plan/plan-text.js';
import type { ShownPlan } from '../../../src/views/plan/shown-plan.js';
import { PLAIN_TERMINAL, terminalFor } from '../../../src/views/terminal.js';
import { alters, decision, DIGEST, id, inserts, shownPlan, team, textOf } from './sample-plan.js';

const GRANTING = id('7', 1);
const REMOVING = id('7', 2);
const OWNER = id('c', 1);
const MEMBER = id('a', 1);
const STRANGER = id('a', 2);

const small = shownPlan({
  teams: [
    team(GRANTING, 'Grants only', [
      decision(OWNER, 'owner', inserts([GRANTING, OWNER, 'owner', 'owner-wants'], id('e', 1))),
    ]),
    team(REMOVING, 'Loses some', [
      decision(OWNER, 'owner', inserts([REMOVING, OWNER, 'owner', 'owner-wants'], id('e', 2))),
      decision(MEMBER, 'member', [
        ...inserts([REMOVING, MEMBER, 'member', 'member-wants'], id('e', 3)),
        ...alters('delete', [REMOVING, MEMBER, 'admin', 'member-extra'], id('d', 1), 11),
      ]),
      decision(STRANGER, 'outsider', [
        ...alters('deactivate', [REMOVING, STRANGER, 'member', 'outsider-holds'], id('d', 2), 12),
      ]),
    ]),
  ],
  findings: [{ code: 'unlinked-row', team: GRANTING, user: OWNER }],
  blocked: [{ code: 'team-without-owner', team: id('7', 9), user: null }],
});

async function shown(plan: ShownPlan, filter: PlanFilter = NO_FILTER): Promise<string> {
  return textOf(planText(await filteredPlan(plan, filter), PLAIN_TERMINAL, 'plan.json'));
}

/** That the texts occur, in this order. */
function expectInOrder(text: string, parts: readonly string[]): void {
  let from = 0;
  for (const part of parts) {
    const at = text.indexOf(part, from);
    expect(at, `${part} should come next in:\n${text.slice(from)}`).toBeGreaterThanOrEqual(0);
    from = at + part.length;
  }
}

describe('planText', () => {
  it('says for what the plan is, what it does in total, and what to do next', async () => {
    const text = await shown(small);
    expectInOrder(text, [
      '2026-11-22T06:15:00.000Z',
      'database app, replica set rs0; read at one point in time',
      'public.postgres_user_roles, cluster 7412345678901234567',
      'Policy     the default',
      DIGEST,
      'delete  deactivate  reactivate      insert',
      'MongoDB               1           1           0           3',
      'PostgreSQL            1           1           0           3',
      '10 changes for 4 users in 2 teams.',
      'Takes away 2 of 1,480 active roles in MongoDB (0.1 %).',
      'Next: fix-roles apply plan.json',
    ]);
  });

  it('puts what needs a person before the changes, with its remedy', async () => {
    expectInOrder(await shown(small), [
      'Blocked',
      'team-without-owner (1)',
      'Set created_by',
      `team ${id('7', 9)}\n`,
      'Findings',
      'unlinked-row (1)',
      `team ${GRANTING}, user ${OWNER}\n`,
      'Teams in which roles are taken away',
    ]);
  });

  it('puts teams, users and changes that take roles away first, whatever the order in the plan', async () => {
    expectInOrder(await shown(small), [
      'Teams in which roles are taken away',
      `team ${REMOVING}`,
      `user ${MEMBER}  active member`,
      '- delete',
      '+ insert',
      `user ${STRANGER}`,
      '~ deactivate',
      `user ${OWNER}`,
      'All other teams',
      `team ${GRANTING}`,
    ]);
  });

  it('names role, rows and rule of each change; the two copies of a role share a line', async () => {
    const text = await shown(small);
    expect(text).toContain(
      'because an active member who is not the creator has no role but member:\n' +
        `      - delete     admin: MongoDB ${id('d', 1)}, PostgreSQL 11\n`,
    );
    expect(text).toContain(`      + insert     member: both stores, linked by ${id('e', 3)}\n`);
  });

  it('says where the policy differs from the default', async () => {
    const wanted = { owner: ['boss'], member: ['member'] };
    const policy: Policy = { ...DEFAULT_POLICY, outsiders: 'delete', wanted };
    const text = (await shown(shownPlan({ header: { policy } }))).replace(/\s+/g, ' ');
    expect(text).toContain('outsiders is delete (default: deactivate)');
    expect(text).toContain('wanted.owner is boss (default: owner, admin, member)');
    expect(text).not.toContain('memberExtras is');
  });

  it('warns of a plan that was not read at one point in time', async () => {
    const consistency = { mongo: 'available', postgres: 'snapshot' } as const;
    expect(await shown(shownPlan({ header: { consistency } }))).toContain('NOT read at one point in time');
  });

  it('says that there is nothing to apply, and why', async () => {
    const nothing = 'Every role is as the rules want it. There is nothing to apply.';
    expect(await shown(shownPlan({}))).toContain(nothing);
    const blocked = shownPlan({ blocked: [{ code: 'link-conflict', team: GRANTING, user: MEMBER }] });
    expect(await shown(blocked)).toContain('What is blocked needs a person');
  });

  it('says of a revert plan that no role rule asks for it, and that apply needs the receipt', async () => {
    const reverts = { plan: `sha256:${'1'.repeat(64)}`, receipt: `sha256:${'2'.repeat(64)}` };
    const header: PlanHeader = { ...small.header, kind: 'revert', reverts };
    const where = [GRANTING, OWNER, 'admin', 'undo'] as const;
    const teams = shownPlan({
      teams: [team(GRANTING, 'T', [decision(OWNER, 'owner', alters('delete', where, id('d', 3), 13))])],
    });
    const text = await shown({ ...teams, header });
    expectInOrder(text, [
      'Takes back',
      reverts.plan,
      reverts.receipt,
      'no role rule asks for it',
      'Next: fix-roles apply plan.json --of RECEIPT',
    ]);
  });

  it('shortens a long list, and says how to see all of it', async () => {
    const finding = { code: 'unknown-role', team: GRANTING } as const;
    const findings = Array.from({ length: 1234 }, (_, n) => ({ ...finding, user: id('b', n) }));
    const text = await shown(shownPlan({ findings }));
    expect(text).toContain('unknown-role (1,234)');
    expect(text).toContain('… and 1,214 others; all: fix-roles show plan.json --format json');
    expect(text.match(/user b/g)).toHaveLength(20);
  });

  it('shows what is noted of its apply without letting it act', async () => {
    const ahead = { commands: ['fix-roles apply plan.json'], notes: ['Applied by \u001b[2Jsomebody.'] };
    const filtered = await filteredPlan(small, NO_FILTER);
    const text = await textOf(planText(filtered, PLAIN_TERMINAL, 'plan.json', null, ahead));
    expect(text).toContain('Next: fix-roles apply plan.json\n  Applied by \\u{1b}[2Jsomebody.\n');
  });

  it('colours what takes roles away', async () => {
    const terminal = terminalFor({ isTTY: true, columns: 100, env: {} });
    const text = await textOf(planText(await filteredPlan(small, NO_FILTER), terminal, 'plan.json'));
    expect(text).toMatch(/\u001b\[31m.*- delete/);
  });

  it('says of a part that it is one, and how much it is', async () => {
    const text = await shown(small, { ...NO_FILTER, removals: 'only' });
    expect(text.replaceAll('\n', ' ')).toContain(
      'This is a part of the plan (only changes that take a role away): 4 of 10 changes, for 2 of 4 users in 1 of ' +
        '2 teams, shown.',
    );
    expect(text).not.toContain('+ insert');
    expect(text).toContain('(the whole plan, not only the part shown)');
  });

  it('holds no more than one team at a time', async () => {
    let made = 0;
    let finished = 0;
    let most = 0;
    function* teams() {
      for (let n = 0; n < 3000; n++) {
        made += 1;
        const user = id('a', n);
        const where = [id('7', n), user, 'admin', 'member-extra'] as const;
        yield team(where[0], 'T', [decision(user, 'member', alters('delete', where, id('d', n), n + 1))]);
      }
    }
    const plan = shownPlan({ teams });
    made = 0;
    for await (const piece of planText(await filteredPlan(plan, NO_FILTER), PLAIN_TERMINAL, 'plan.json')) {
      // What is to be looked at first was found by a reading of its own.
      if (piece.includes('Look here first')) made = 0;
      if (!piece.includes('\nteam ')) continue;
      finished += 1;
      most = Math.max(most, made - finished);
    }
    expect(finished).toBe(3000);
    expect(most).toBeLessThanOrEqual(2);
  });
});

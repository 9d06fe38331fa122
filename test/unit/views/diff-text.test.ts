import { diff } from 'json-diff';
import { describe, expect, it } from 'vitest';
import { comparePlans } from '../../../src/files/plan/compare.js';
import type { VerifiedPlan } from '../../../src/files/plan/reader.js';
import type { PlanTeam } from '../../../src/files/plan/schema.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { diffLeaves, diffText } from '../../../src/views/plan/diff-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { alters, decision, id, inserts, shownPlan, team, textOf } from './sample-plan.js';

type Parts = Omit<Parameters<typeof shownPlan>[0], 'teams'> & { readonly teams?: readonly PlanTeam[] };

function verifiedPlan({ teams = [], ...parts }: Parts): VerifiedPlan {
  return {
    ...shownPlan({ teams, ...parts }),
    async *teams() {
      for (const entry of teams) yield await Promise.resolve(entry);
    },
    bytes: () => {
      throw new Error('a comparison needs no bytes');
    },
    close: () => Promise.resolve(),
  };
}

async function difference(old: Parts, fresh: Parts): Promise<string> {
  const mappings = { old: DEFAULT_MAPPING, new: DEFAULT_MAPPING };
  return textOf(diffText(comparePlans(verifiedPlan(old), verifiedPlan(fresh)), mappings, PLAIN_TERMINAL));
}

const TEAM = id('7', 1);
const ANN = id('a', 1);
const BOB = id('a', 2);
const adminGoes = alters('delete', [TEAM, ANN, 'admin', 'member-extra'], id('d', 1), 11);
const annLosesAdmin = decision(ANN, 'member', adminGoes);
const bobBecomesMember = decision(BOB, 'member', inserts([TEAM, BOB, 'member', 'member-wants'], id('e', 1)));

describe('diffText', () => {
  it('says that two plans are the same', async () => {
    const parts = { teams: [team(TEAM, 'One', [annLosesAdmin])] };
    expect(await difference(parts, parts)).toBe('The two plans are the same, byte for byte.\n');
  });

  it('names what only one of the plans does to whom, by team and user', async () => {
    const text = await difference(
      { teams: [team(TEAM, 'One', [annLosesAdmin])] },
      { teams: [team(TEAM, 'One', [bobBecomesMember])] },
    );
    expect(text).toContain(
      `team ${TEAM}  live  "One"\n` +
        `  only in the old plan  user ${ANN}  active member\n` +
        `    - delete     admin: MongoDB ${id('d', 1)}, PostgreSQL 11\n` +
        `  only in the new plan  user ${BOB}  active member\n` +
        `    + insert     member: both stores, linked by ${id('e', 1)}\n`,
    );
  });

  it('names every fact and change that differs for a user in both', async () => {
    const observed = { mongo: [{ id: id('d', 1), role: 'admin', active: true }], postgres: [] };
    const outsider = { ...annLosesAdmin, member: false, standing: 'outsider', observed } as const;
    const text = await difference(
      { teams: [team(TEAM, 'One', [annLosesAdmin])] },
      { teams: [team(TEAM, 'One', [outsider])] },
    );
    expect(text).toContain(`  differs  user ${ANN}\n`);
    expect(text).toContain('    standing: "member" → "outsider"\n');
    expect(text).toContain('    member: true → false\n');
    expect(text).toMatch(new RegExp(`observed › .*${id('d', 1)}: only in the new plan`));
  });

  it('names findings, blocked entries, whole teams and the team itself', async () => {
    const text = await difference(
      {
        teams: [team(TEAM, 'One', [annLosesAdmin], ANN)],
        findings: [{ code: 'unlinked-row', team: TEAM, user: ANN }],
      },
      {
        teams: [team(TEAM, 'Uno', [annLosesAdmin], BOB), team(id('7', 2), 'Two', [bobBecomesMember])],
        blocked: [{ code: 'team-without-owner', team: id('7', 3), user: null }],
      },
    );
    expect(text).toContain(`only in the old plan  unlinked-row: team ${TEAM}, user ${ANN}\n`);
    expect(text).toContain(`only in the new plan  team-without-owner: team ${id('7', 3)}\n`);
    expect(text).toContain(`    createdBy: "${ANN}" → "${BOB}"\n    name: "One" → "Uno"\n`);
    expect(text).toContain(`team ${id('7', 2)}  live  "Two"\n  only in the new plan  user ${BOB}`);
    expect(text).toMatch(/The two plans differ: \d+ differences\.\n$/);
  });

  it('names each setting of the header that differs', async () => {
    const text = await difference({}, { header: { policy: { ...DEFAULT_POLICY, outsiders: 'keep' } } });
    expect(text).toContain('Header\n  policy › outsiders: "deactivate" → "keep"\n');
    expect(text).toContain('The two plans differ: 1 difference.\n');
  });

  it('lets no name act on the terminal', async () => {
    const text = await difference({}, { teams: [team(TEAM, 'a\u001b[2Jb\r\n\u202e', [annLosesAdmin])] });
    expect(text).toContain('a\\u{1b}[2Jb\\u{d}\\u{a}\\u{202e}');
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });
});

describe('diffLeaves', () => {
  it('finds every leaf of what json-diff says', () => {
    const old = { a: { b: 1, c: 2, same: 0 }, gone: 'x' };
    const leaves = [...diffLeaves(diff(old, { a: { b: 3, same: 0, d: [4] } }))];
    expect(leaves).toHaveLength(4);
    expect(leaves).toEqual(
      expect.arrayContaining([
        { path: ['a', 'b'], old: '1', new: '3' },
        { path: ['a', 'c'], old: '2', new: null },
        { path: ['a', 'd'], old: null, new: '[4]' },
        { path: ['gone'], old: '"x"', new: null },
      ]),
    );
  });
});

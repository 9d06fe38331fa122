import { expect, test } from 'vitest';
import { z } from 'zod';
import type { ApplyResult, TeamOutcome } from '../../../src/model/outcome.js';
import type { OwnershipMove } from '../../../src/model/danger.js';
import type { ApplyReport } from '../../../src/model/apply-report.js';
import {
  applyJson,
  applyText,
  listedNames,
  prospectText,
  type AppliedFiles,
} from '../../../src/views/apply-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { id, shownPlan, team as planTeam, textOf } from './sample-plan.js';

const FILES: AppliedFiles = {
  plan: 'plan.json',
  of: undefined,
  again: ['--receipt', 'r.jsonl', '--dotenv', 'staging.env'],
  connecting: ['--dotenv', 'staging.env'],
};

function report(result: ApplyResult, outcomes: readonly TeamOutcome[]): ApplyReport {
  const counts: Record<string, number> = {};
  for (const { kind } of outcomes) counts[kind] = (counts[kind] ?? 0) + 1;
  const byTeam = new Map(outcomes.map((outcome, index) => [String(index), outcome]));
  return { result, counts, earlier: null, receipt: 'r.jsonl', part: null, outcomes: byTeam };
}

function lastLines(result: ApplyResult, outcomes: TeamOutcome[], files = FILES): string {
  const text = [...applyText(report(result, outcomes), PLAIN_TERMINAL, files)].join('');
  return text.slice(text.search(/^(Not begun|Next|Everything)/m));
}

const DRIFTED: TeamOutcome = { kind: 'drifted', seen: 'before-start', halfApplied: false, drifts: [] };
const HELD: TeamOutcome = { kind: 'not-begun', reason: 'drift' };

test('after drift the next command makes a new plan, and skipping is offered where it does anything', () => {
  expect(lastLines('drift', [DRIFTED, HELD])).toMatch(
    /\nNext: fix-roles plan --dotenv staging\.env -o new-plan\.json makes a plan of what is left, to be reviewed; fix-roles apply plan\.json --receipt r\.jsonl --dotenv staging\.env --on-drift skip goes on without the drifted teams\.\n$/,
  );
  expect(lastLines('drift', [DRIFTED])).toBe(
    'Next: fix-roles plan --dotenv staging.env -o new-plan.json makes a plan of what is left, to be reviewed.\n',
  );
  expect(lastLines('drift', [DRIFTED], { ...FILES, of: ['of.jsonl'] })).toContain(
    'Next: fix-roles revert of.jsonl --dotenv staging.env -o new-revert.json',
  );
});

test('what failed, and what no longer matches, is told apart from what goes on', () => {
  const again =
    'Next: fix-roles apply plan.json --receipt r.jsonl --dotenv staging.env once more; it goes on where this run ended. Receipt: r.jsonl\n';
  expect(lastLines('partly-applied', [{ kind: 'not-begun', reason: 'limit' }])).toContain(again);
  expect(lastLines('partly-applied', [{ kind: 'failed', problem: 'x' }])).toBe(
    `${again}What failed may fail again until the reason above is dealt with.\n`,
  );
  expect(lastLines('partly-applied', [{ kind: 'overtaken', drifts: [] }])).toBe(
    `${again}What no longer matches needs a new plan: fix-roles plan --dotenv staging.env -o new-plan.json\n`,
  );
});

test('why nothing further was begun is said with what went wrong', () => {
  const outcome: TeamOutcome = { kind: 'not-begun', reason: 'receipt-failed', problem: 'no space\u001b[2J' };
  expect(lastLines('partly-applied', [outcome, outcome])).toMatch(
    /^Not begun: the receipt could not be written; make room or mend the disk first \(no space\\u\{1b\}\[2J\)\.\nNext/,
  );
});

test('what triggers wrote besides is added up by table', () => {
  const wrote = { table: 'public.audit\u001b', inserted: 2, updated: 0, deleted: 0 };
  const outcomes: TeamOutcome[] = [
    { kind: 'applied', triggered: [wrote, { ...wrote, table: 'app.counts', updated: 1, inserted: 0 }] },
    { kind: 'finished', triggered: [wrote] },
    { kind: 'applied' },
  ];
  const text = [...applyText(report('complete', outcomes), PLAIN_TERMINAL, FILES)].join('');
  expect(text).toMatch(
    /The table's own triggers or rules wrote as well: public\.audit\S+ \(rows: 4 inserted\); app\.counts \(rows: 1 updated\)\.\n/,
  );
  expect(text).not.toContain('\u001b');
});

test('as JSON it is one document with every team, harmless on a terminal', async () => {
  const outcomes: TeamOutcome[] = [{ kind: 'failed', problem: 'no\u009b2J\u202e' }, HELD];
  const text = await textOf(applyJson(report('partly-applied', outcomes)));
  expect(text).not.toMatch(/[\u0080-\u009f\u202e]/);
  expect(JSON.parse(text)).toEqual({
    result: 'partly-applied',
    counts: { failed: 1, 'not-begun': 1 },
    earlier: null,
    receipt: 'r.jsonl',
    part: null,
    teams: [
      { team: '0', name: null, kind: 'failed', problem: 'no\u009b2J\u202e' },
      { team: '1', ...HELD },
    ],
  });
});

test('a team that needs a person is named as in the plan, harmless too; the others are not looked up', async () => {
  const where = [id('7', 1), id('7', 2), id('7', 3)] as const;
  const plan = shownPlan({
    teams: where.map((team, n) => planTeam(team, n === 0 ? 'Pay\u001bments' : null, [])),
  });
  const outcomes = new Map<string, TeamOutcome>([
    [where[0], DRIFTED],
    [where[1], DRIFTED],
    [where[2], { kind: 'applied' }],
  ]);
  const told = { ...report('drift', [DRIFTED, DRIFTED]), outcomes };
  const names = await listedNames(plan, told);
  expect([...names]).toEqual([[where[0], 'Pay\u001bments']]);
  const text = [...applyText(told, PLAIN_TERMINAL, FILES, names)].join('');
  expect(text).toContain(`drifted: team ${where[0]}  "Pay\\u{1b}ments"\n`);
  expect(text).toContain(`drifted: team ${where[1]}\n`);
  const { teams } = z
    .object({ teams: z.array(z.looseObject({ team: z.string() })) })
    .parse(JSON.parse(await textOf(applyJson(told, names))));
  expect(teams.map(({ team, name }) => [team, name])).toEqual([
    [where[0], 'Pay\u001bments'],
    [where[1], null],
    [where[2], undefined],
  ]);
  const calm = { ...told, outcomes: new Map<string, TeamOutcome>([[where[0], { kind: 'applied' }]]) };
  const unread = { teams: (): never => expect.fail('the plan was read for nothing') };
  expect((await listedNames(unread, calm)).size).toBe(0);
});

test('the question tells of a limit without the flag that was given, and who holds a lost role besides', () => {
  const { header, digest } = shownPlan({});
  const [one, two] = [{ user: 'u1' }, { user: 'u2', name: 'Eve' }] as const;
  const none = { count: 0, first: [] };
  const move: OwnershipMove = {
    team: { id: 't1', name: 'One' },
    losers: { count: 1, first: [{ user: 'u9' }] },
    roles: ['owner'],
    holders: { count: 3, first: [one, two] },
    how: 'gets',
    unchangedCreator: null,
  };
  const text = prospectText(
    {
      kind: 'fix',
      part: null,
      targets: header.targets,
      addresses: { mongo: 'm:1', postgres: 'p:1' },
      teams: { toApply: 1, toFinish: 0, left: 0 },
      drifted: 0,
      held: 0,
      roles: { mongo: [], postgres: [] },
      dangers: {
        exceeded: ['max-removals'],
        missingTeams: 0,
        emptied: none,
        ownership: { count: 1, first: [move] },
        ...{ risers: none, leavers: none, misspelt: none },
      },
    },
    { name: 'plan.json', digest, header, approvers: null },
    PLAIN_TERMINAL,
  ).replaceAll(/\s+/g, ' ');
  expect(text).toContain(
    'Look first The plan takes away more than apply takes away unasked (25 %, or 10 roles in any case). Teams in which',
  );
  expect(text).toContain(
    'admin: 1. user u9 loses owner; user u1 gets owner, also held by user u2 "Eve" and 1 other: team t1 "One"',
  );
});

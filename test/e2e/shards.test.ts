import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { shardOf } from '../../src/model/team-filter.js';
import { type Contents, withoutSerials } from '../contents.js';
import { teamId } from '../integration/apply/broken-team.js';
import { Stage } from '../integration/apply/stage.js';
import { exits, fixRoles, type Run } from './cli.js';

const PARTS = 3;
const TEAMS = Array.from({ length: 12 }, (_, index) => index + 1);
const AS_OF = '2026-01-02T03:04:05.000Z';
const FLAGS = ['-q', '--yes', '--max-age', '999d'];
const EVERYTHING = ['--max-removals', '100%'];

const [alone, shared] = [await Stage.open(), await Stage.open()];
afterAll(async () => {
  await alone.close();
  await shared.close();
});

async function plan(stage: Stage, name: string, ...flags: string[]): Promise<string> {
  const path = `${stage.folder}/${name}`;
  const { code, stderr } = await fixRoles(['plan', '-q', '-o', path, '--as-of', AS_OF, ...flags], {
    env: stage.databases.env,
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return path;
}

/** @param limit how much may be taken away: of small stores, the default would allow ten rows */
function apply(stage: Stage, path: string, flags: readonly string[] = [], limit = EVERYTHING): Promise<Run> {
  return fixRoles(['apply', path, ...FLAGS, ...limit, ...flags], { env: stage.databases.env });
}

function eachPart<T>(act: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: PARTS }, (_, index) => act(index)));
}

/** Where the parts of a plan record what they did. */
function receiptsOf(path: string): string[] {
  return Array.from({ length: PARTS }, (_, index) => `${path}.receipt.${index}-of-${PARTS}.jsonl`);
}

/** All role rows, but without the serial ids, which follow the order of the inserts. */
function roleRows(contents: Contents): unknown {
  const { mongo, postgres } = withoutSerials(contents);
  return { mongo: Object.entries(mongo).filter(([key]) => key.startsWith('user_roles ')), postgres };
}

async function oneProcess(): Promise<unknown> {
  await alone.breakTeams(...TEAMS);
  await exits(0, apply(alone, await plan(alone, `alone-${Date.now()}.json`)));
  return roleRows(await alone.contents());
}

test('parts of one plan, applied by processes at the same time, come to what one process comes to', async () => {
  const expected = await oneProcess();
  await shared.breakTeams(...TEAMS);
  const path = await plan(shared, 'whole.json');
  const runs = await eachPart((index) => apply(shared, path, ['--shard', `${index}/${PARTS}`]));
  expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
    Array(PARTS).fill({ code: 0, stderr: '' }),
  );
  expect(roleRows(await shared.contents())).toEqual(expected);
  for (const [index, { stdout }] of runs.entries()) {
    const own = TEAMS.filter((team) => shardOf(teamId(team), PARTS) === index).length;
    expect(stdout).toContain(`Everything in part ${index} of ${PARTS} holds (${own} of 12 teams)`);
  }
  await eachPart(async (index) => {
    const receipt = await readFile(`${path}.receipt.${index}-of-${PARTS}.jsonl`, 'utf8');
    const told = TEAMS.map(teamId).filter((team) => receipt.includes(`"team":"${team}","outcome":"applied"`));
    expect(told).toEqual(TEAMS.map(teamId).filter((team) => shardOf(team, PARTS) === index));
  });
  const { stdout } = await exits(0, apply(shared, path));
  expect(stdout).toContain('12 teams: already as the plan wants');
});

test('plans that were made for the parts can be applied at the same time as well', async () => {
  const expected = await oneProcess();
  await shared.breakTeams(...TEAMS);
  const paths = await eachPart((index) => plan(shared, `part-${index}.json`, '--shard', `${index}/${PARTS}`));
  const runs = await Promise.all(paths.map((path) => apply(shared, path)));
  expect(runs.map(({ code }) => code)).toEqual(Array(PARTS).fill(0));
  expect(roleRows(await shared.contents())).toEqual(expected);
  await exits(64, apply(shared, paths[0] ?? '', ['--shard', '0/2']), 'it was made for part 0/3 already');
});

test('a limit holds for the whole plan, of which each part does only some', async () => {
  await shared.breakTeams(...TEAMS);
  const path = await plan(shared, 'limited.json');
  const before = await shared.contents();
  const runs = await eachPart((index) =>
    apply(shared, path, ['--shard', `${index}/${PARTS}`], ['--max-removals', String(TEAMS.length)]),
  );
  expect(runs.map(({ code }) => code)).toEqual(Array(PARTS).fill(4));
  expect(await shared.contents()).toEqual(before);
});

test('the receipts of all parts are shown together: what they come to, and each by itself', async () => {
  await shared.breakTeams(...TEAMS);
  const path = await plan(shared, 'shown.json');
  await eachPart((index) => apply(shared, path, ['--shard', `${index}/${PARTS}`]));
  const receipts = receiptsOf(path);
  const text = await fixRoles(['show', ...receipts]);
  expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(/^3 receipts of one plan\n/);
  expect(text.stdout).toMatch(/^ *12 teams: applied in both stores and read back$/m);
  for (const team of TEAMS.map(teamId)) expect(text.stdout.split(`team ${team}  applied`)).toHaveLength(2);
  expect(text.stdout).not.toContain('counted more than once');
  const takeBack = `To take it back: fix-roles revert ${receipts.join(' ')} -o revert.json\n`;
  expect(text.stdout.split('To take it back')).toHaveLength(2);
  expect(text.stdout.endsWith(takeBack)).toBe(true);

  const json = await fixRoles(['show', ...receipts, '--json']);
  const views = z
    .array(z.looseObject({ format: z.string(), teams: z.array(z.looseObject({ team: z.string() })) }))
    .parse(JSON.parse(json.stdout));
  expect(views).toHaveLength(PARTS);
  expect(views.flatMap(({ teams }) => teams.map(({ team }) => team)).sort()).toEqual(TEAMS.map(teamId));

  const [one = ''] = receipts;
  const twice = await fixRoles(['show', one, one]);
  expect(twice.stdout).toContain('counted more than once: more than one of these receipts tells of it');
  await exits(64, fixRoles(['show', path, one]), 'of several files only receipts are shown');
});

describe('what was applied in parts is taken back', () => {
  let path: string;
  let receipts: string[];
  let before: unknown;

  function revert(files: readonly string[], ...flags: string[]): Promise<Run> {
    return fixRoles(['revert', '-q', ...files, ...flags], { env: shared.databases.env });
  }

  beforeAll(async () => {
    await shared.breakTeams(...TEAMS);
    before = roleRows(await shared.contents());
    path = await plan(shared, 'undone.json');
    receipts = receiptsOf(path);
    const runs = await eachPart((index) => apply(shared, path, ['--shard', `${index}/${PARTS}`]));
    expect(runs.map(({ code }) => code)).toEqual(Array(PARTS).fill(0));
  });

  test('never by a receipt that is not there, holds nothing or is one of several: the others are named', async () => {
    const whole = `${path}.receipt.jsonl`;
    const [first = '', ...others] = receipts;
    for (const [file, left] of [
      [whole, receipts],
      [first, others],
    ] as const) {
      const { code, stdout, stderr } = await revert([file]);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toContain(`other receipts of it lie beside this: ${left.join(', ')}\n`);
    }
    await writeFile(whole, '');
    expect((await revert([whole])).stderr).toContain(receipts.join(', '));
    await rm(whole);
    // A run without --shard finds everything done: its receipt tells of no team.
    await exits(0, apply(shared, path));
    expect((await revert([whole])).stderr).toContain(receipts.join(', '));
    expect((await fixRoles(['show', whole])).stdout).toContain(
      `To take it back: fix-roles revert ${[whole, ...receipts].join(' ')} -o revert.json`,
    );
  });

  test('in part only where that is asked for', async () => {
    const [first = ''] = receipts;
    const { stdout } = await exits(0, revert([first], '--partial'));
    const teams = TEAMS.map(teamId).filter((team) => shardOf(team, PARTS) === 0);
    expect([...stdout.matchAll(/^\{"team":\{"id":"(\w+)"/gm)].map(([, id]) => id)).toEqual(teams);
  });

  test('by one plan of all their receipts, which apply demands again', async () => {
    const undo = `${shared.folder}/undo.json`;
    const made = await revert(receipts, '-o', undo);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    const of = receipts.flatMap((file) => ['--of', file]);
    const applied = roleRows(await shared.contents());
    await exits(4, apply(shared, undo, of.slice(2)), 'and the plan was made from sha256:');
    expect(roleRows(await shared.contents())).toEqual(applied);

    await exits(0, revert(receipts.toReversed(), '-o', `${shared.folder}/again.json`));
    await exits(0, apply(shared, undo, of));
    expect(roleRows(await shared.contents())).toEqual(before);
    const { stdout } = await exits(0, revert(receipts));
    expect(stdout).toContain('"changed":0');
  });

  test('but the receipts of two plans are not put together', async () => {
    await shared.breakTeams(1);
    const other = await plan(shared, 'other.json');
    await exits(0, apply(shared, other));
    await exits(4, revert([...receipts, `${other}.receipt.jsonl`]), 'they are of several plans');
  });
});

test('a file beside the receipts that cannot be read hides nothing: show passes it over, apply reports what it did', async () => {
  await shared.breakTeams(...TEAMS);
  const path = await plan(shared, 'beside.json');
  const receipt = `${path}.receipt.jsonl`;
  await exits(0, apply(shared, path));
  const damaged = `${path}.receipt.1-of-2.jsonl`;
  await writeFile(damaged, 'no receipt\n{}\n');
  const shown = await exits(0, fixRoles(['show', receipt]), `${damaged}: line 1 is no JSON`);
  expect(shown.stdout).toContain(`To take it back: fix-roles revert ${receipt} --partial -o revert.json\n`);
  const hostile = `${shared.folder}/b\u001b[31m.json.receipt.jsonl`;
  await copyFile(receipt, hostile);
  await copyFile(damaged, hostile.replace('.jsonl', '.1-of-2.jsonl'));
  const { stderr } = await exits(0, fixRoles(['show', hostile]), 'Left out, though');
  expect(stderr).not.toContain('\u001b');
  const undo = ['-o', `${shared.folder}/beside-undo.json`];
  const revert = (...flags: string[]): Promise<Run> =>
    fixRoles(['revert', receipt, ...undo, ...flags], { env: shared.databases.env });
  await exits(4, revert(), `${damaged}: line 1 is no JSON`);
  await exits(0, revert('--partial'));
  const applied = await exits(0, apply(shared, undo[1] ?? '', ['--of', receipt]));
  expect(applied.stdout).toContain('12 teams: applied in both stores and read back');
});

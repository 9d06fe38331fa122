import { readFile } from 'node:fs/promises';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { shardOf } from '../../src/model/team.js';
import { teamId } from '../integration/apply/broken-team.js';
import { Stage, type Contents } from '../integration/apply/stage.js';
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

/** All role rows, but without the serial ids, which follow the order of the inserts. */
function roleRows({ mongo, postgres }: Contents): unknown {
  return {
    mongo: Object.entries(mongo).filter(([key]) => key.startsWith('user_roles ')),
    postgres: Object.values(postgres)
      .map((row) => row.replace(/^\(\d+,/, '('))
      .sort(),
  };
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
  await eachPart(async (index) => {
    const receipt = await readFile(`${path}.receipt.${index}-of-${PARTS}.jsonl`, 'utf8');
    const told = TEAMS.map(teamId).filter((team) => receipt.includes(`"team":"${team}","outcome":"applied"`));
    expect(told).toEqual(TEAMS.map(teamId).filter((team) => shardOf(team, PARTS) === index));
  });
  const { code, stdout } = await apply(shared, path);
  expect(code).toBe(0);
  expect(stdout).toContain('12 teams: already as the plan wants');
});

test('plans that were made for the parts can be applied at the same time as well', async () => {
  const expected = await oneProcess();
  await shared.breakTeams(...TEAMS);
  const paths = await eachPart((index) => plan(shared, `part-${index}.json`, '--shard', `${index}/${PARTS}`));
  const runs = await Promise.all(paths.map((path) => apply(shared, path)));
  expect(runs.map(({ code }) => code)).toEqual(Array(PARTS).fill(0));
  expect(roleRows(await shared.contents())).toEqual(expected);
  const { code, stderr } = await apply(shared, paths[0] ?? '', ['--shard', '0/2']);
  expect(code).toBe(64);
  expect(stderr).toContain('it was made for part 0/3 already');
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
  const receipts = Array.from({ length: PARTS }, (_, index) => `${path}.receipt.${index}-of-${PARTS}.jsonl`);
  const text = await fixRoles(['show', ...receipts]);
  expect({ code: text.code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' });
  expect(text.stdout).toMatch(/^3 receipts of one plan\n/);
  expect(text.stdout).toMatch(/^ *12 teams: applied in both stores and read back$/m);
  for (const team of TEAMS.map(teamId)) expect(text.stdout.split(`team ${team}  applied`)).toHaveLength(2);
  expect(text.stdout).not.toContain('counted more than once');

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

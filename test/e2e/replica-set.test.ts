import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { receiptOf, Stage } from '../integration/apply/stage.js';
import { ReplicaSet } from '../replica-set.js';
import { emptyDirectory, exits, fixRoles, type Run } from './cli.js';

const SECONDARY = 'is a secondary, to which MONGODB_URI connects directly: what it shows may be old';
const ELECTION = 'the replica set has no primary: an election?';
const NO_MAJORITY = 'no majority of the replica set confirms writes';
const SAID_TWICE = new RegExp(`${NO_MAJORITY}[^]*Interrupted[^]*${NO_MAJORITY}`);

let path: string;

const set = await ReplicaSet.start({ members: 3 });
const stage = await Stage.open({ mongoUri: set.uri });
const env = stage.databases.env;
afterAll(async () => {
  await stage.close();
  await set.stop();
});
beforeEach(async () => {
  await set.settled();
  await stage.breakTeams(1, 2, 3);
  path = join(await emptyDirectory(), 'plan.json');
});

async function plan(variables = env): Promise<Run> {
  const run = await fixRoles(['plan', '-o', path], { env: variables });
  expect(run).toMatchObject({ code: 0, stdout: '' });
  return run;
}

describe('connected directly to a secondary', () => {
  let direct: Record<string, string>;
  beforeEach(async () => {
    const [secondary] = await set.secondaries();
    if (secondary === undefined) throw new Error('the set has no secondary');
    direct = { ...env, MONGODB_URI: secondary.directUri };
  });

  test('whoever reads is told that the facts may be old', async () => {
    const planned = await plan(direct);
    expect(planned.stderr).toContain(SECONDARY);
    await exits(0, fixRoles(['verify', path], { env: direct }), SECONDARY);
    expect((await fixRoles(['verify', path, '--quiet'], { env: direct })).stderr).toBe('');
    await exits(0, fixRoles(['apply', path, '--yes'], { env }));
    await exits(0, fixRoles(['revert', receiptOf(path), '-o', `${path}.revert`], { env: direct }), SECONDARY);
  });

  test('doctor says that nothing can be applied there, and that a plan may be of old facts', async () => {
    const forApply = await exits(1, fixRoles(['doctor'], { env: direct }));
    expect(forApply.stdout).toContain('nothing can be written on a secondary');
    const forPlan = await exits(0, fixRoles(['doctor', '--for', 'plan'], { env: direct }));
    expect(forPlan.stdout).toContain('may be old');
  });

  test('apply is refused at once, before it asks or writes', async () => {
    await plan();
    const before = await stage.contents();
    const began = performance.now();
    const run = await fixRoles(['apply', path, '--yes'], { env: direct });
    expect(run).toMatchObject({ code: 4, stdout: '' });
    expect(run.stderr).toContain('is a secondary of the replica set');
    expect(run.stderr).not.toContain('About to apply');
    expect(performance.now() - began).toBeLessThan(15_000);
    await expect(readFile(receiptOf(path))).rejects.toThrow('ENOENT');
    expect(await stage.contents()).toEqual(before);
  });
});

test.each([
  'readConcernLevel=majority',
  'READCONCERNLEVEL=local',
  'readPreference=secondary&maxStalenessSeconds=120',
  'readPreferenceTags=dc:east',
  'w=1&wtimeoutMS=1&journal=false',
])('how is read and written is not taken from the connection string: %s', async (parameters) => {
  const given = { ...env, MONGODB_URI: `${set.uri}&${parameters}` };
  const planned = await exits(0, fixRoles(['plan', '--verbose', '-o', path], { env: given }));
  expect(await readFile(path, 'utf8')).toContain('"consistency":{"mongo":"snapshot","postgres":"snapshot"}');
  for (const [name] of new URLSearchParams(parameters))
    expect(planned.stderr).toMatch(new RegExp(`Not taken from MONGODB_URI.*\\b${name}\\b`));
  expect((await fixRoles(['doctor'], { env: given })).stdout).toContain('snapshot reads work');
  await exits(0, fixRoles(['apply', path, '--yes', '--verbose'], { env: given }), 'Not taken from');
});

describe('without a primary', () => {
  test.each([
    ['plan', '-o', 'later.json'],
    ['verify', 'plan.json'],
    ['doctor'],
    ['apply', 'plan.json', '--yes'],
  ])('%s waits for the election, and says so', async (...words) => {
    await plan();
    await set.depose();
    const act = () => set.elect();
    await exits(0, fixRoles(words, { env, cwd: dirname(path), at: { text: /an election/, act } }), ELECTION);
  });

  test('a set that elects nobody is given up', async () => {
    await set.depose();
    onTestFinished(() => set.elect());
    const began = performance.now();
    const run = await fixRoles(['plan', '-o', path], { env });
    const elapsed = performance.now() - began;
    expect(run.code).toBe(1);
    // Longer than an election takes, and no minute.
    expect(elapsed).toBeGreaterThan(18_000);
    expect(elapsed).toBeLessThan(45_000);
    expect(run.stderr).toContain(ELECTION);
    expect(run.stderr).toContain('none that can be reached from here is the primary');
  });

  test('a set of which nobody answers is not waited for', async () => {
    for (const node of set.nodes) node.pause();
    onTestFinished(() => {
      for (const node of set.nodes) node.resume();
    });
    const began = performance.now();
    const run = await fixRoles(['plan', '-o', path], { env });
    expect(run).toMatchObject({ code: 1, stderr: expect.not.stringContaining(ELECTION) as unknown });
    expect(performance.now() - began).toBeLessThan(18_000);
  });
});

test('apply says that no majority confirms, also once it is interrupted, and finishes when one does', async () => {
  await plan();
  await set.stopReplication();
  onTestFinished(() => set.resumeReplication());
  const run = await exits(
    130,
    fixRoles(['apply', path, '--yes', '--concurrency', '1'], {
      env,
      interruptAt: NO_MAJORITY,
      at: { text: SAID_TWICE, act: () => set.resumeReplication() },
    }),
  );
  expect(run.stdout).toContain('1 team: applied in both stores and read back');
  expect(run.stdout).toContain('2 teams: not begun');
  await exits(0, fixRoles(['apply', path, '--yes'], { env }));
});

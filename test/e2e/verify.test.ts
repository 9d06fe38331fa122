import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ObjectId } from 'mongodb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { planDocumentSchema } from '../../src/files/plan/json-schema.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { contentsOf } from '../contents.js';
import { createTestDatabases, type TestDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles, type Run } from './cli.js';

const verdicts = z.object({
  teams: z.array(z.looseObject({ team: z.string(), kind: z.string() })),
  counts: z.record(z.string(), z.number()),
});

let databases: TestDatabases;
let file: string;
let teams: z.infer<typeof planDocumentSchema>['teams'];

beforeEach(async () => {
  databases = await createTestDatabases();
  await insertSampleData(databases.mongo, databases.pg);
  const { stdout } = await fixRoles(['plan', '-q'], { env: databases.env });
  ({ teams } = planDocumentSchema.parse(JSON.parse(stdout)));
  file = join(await emptyDirectory(), 'plan.json');
  await writeFile(file, stdout, { mode: 0o600 });
});
afterEach(() => databases.drop());

function verify(...args: string[]): Promise<Run> {
  return fixRoles(['verify', file, ...args], { env: databases.env });
}

/** The ids of teams that a plan makes live changes to, by the verdict that `verify --json` gives them. */
async function byVerdict(): Promise<Record<string, string[]>> {
  const { stdout } = await verify('--json');
  const found: Record<string, string[]> = {};
  for (const { team, kind } of verdicts.parse(JSON.parse(stdout)).teams) (found[kind] ??= []).push(team);
  return found;
}

test('a plan holds, then is already done: 0 both times, and nothing is written', async () => {
  const before = await contentsOf(databases);
  const held = await verify();
  expect({ code: held.code, stderr: held.stderr }).toEqual({ code: 0, stderr: '' });
  expect(held.stdout).toContain('the plan holds');
  expect(await byVerdict()).toEqual({ holds: teams.map(({ team }) => team.id) });
  expect(await contentsOf(databases)).toEqual(before);

  await exits(0, fixRoles(['apply', file, '--yes'], { env: databases.env }));
  await exits(0, verify());
  expect(await byVerdict()).toEqual({ 'already-done': teams.map(({ team }) => team.id) });
});

test('a drifted team: planned and found side by side, 3; the others hold', async () => {
  const [first, ...others] = teams.filter(({ team }) => team.state === 'live');
  if (first === undefined) throw new Error('the sample data has no live team to repair');
  await databases.mongo
    .collection('teams')
    .updateOne({ _id: new ObjectId(first.team.id) }, { $set: { is_deleted: true } });
  const { stdout } = await exits(3, verify());
  expect(first.team.name).toEqual(expect.any(String));
  expect(stdout).toContain(`drifted: team ${first.team.id}  "${String(first.team.name)}"\n`);
  expect(stdout).toMatch(/-\s+state: "live"\n\s+\+\s+state: "deleted"/);
  const json = verdicts.parse(JSON.parse((await verify('--json')).stdout));
  for (const { team, name } of teams.map((each) => each.team).map(({ id, name }) => ({ team: id, name })))
    expect(json.teams).toContainEqual(expect.objectContaining({ team, name }));
  const found = await byVerdict();
  expect(found['drifted']).toEqual([first.team.id]);
  expect(found['holds']).toEqual(expect.arrayContaining(others.map(({ team }) => team.id)));
});

test('a half-done team is named as one that the same apply finishes', async () => {
  const one = teams.find(({ decisions }) => {
    const [decision, ...more] = decisions;
    const changes = decision?.changes ?? [];
    const deletes = changes.filter(({ op }) => op === 'delete');
    return (
      more.length === 0 &&
      deletes.length === changes.length &&
      new Set(changes.map((c) => c.store)).size === 2
    );
  });
  const user = one?.decisions[0]?.user;
  if (one === undefined || user === undefined) throw new Error('the sample data has no team to delete from');
  // What an apply leaves that is killed between the two commits: MongoDB is done, Postgres is not.
  await databases.mongo.collection('user_roles').deleteMany({
    team_id: { $in: [one.team.id, new ObjectId(one.team.id)] },
    user_id: { $in: [user, new ObjectId(user)] },
    scope: 'TEAM',
    is_active: true,
    role_name: { $ne: 'member' },
  });
  const { stdout } = await exits(0, verify());
  expect(stdout).toContain(`half done: team ${one.team.id}`);
  expect((await byVerdict())['half-done']).toEqual([one.team.id]);
});

test('--reproduce: the same bytes, 0; after a change in the databases the differences, 2', async () => {
  const same = await verify('--reproduce');
  expect({ code: same.code, stderr: same.stderr }).toEqual({ code: 0, stderr: '' });
  expect(same.stdout).toContain('byte for byte');
  await databases.pg.query(
    `UPDATE postgres_user_roles SET is_active = false WHERE scope = 'TEAM' AND is_active AND role_name = 'member'`,
  );
  const other = await exits(2, verify('--reproduce'));
  expect(other.stdout).toContain('The two plans differ');
});

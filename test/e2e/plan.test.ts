import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { planDocumentSchema } from '../../src/files/plan/json-schema.js';
import { fileDatabases } from '../servers.js';
import { emptyDirectory, exits, fixRoles, shell, type Run } from './cli.js';

const AS_OF = '2026-01-02T03:04:05.000Z';
/** Ends the connections of the tool where nothing answers: proof that it did not get so far. */
const UNREACHABLE = { MONGODB_URI: 'mongodb://127.0.0.1:9', POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: '9' };

const databases = await fileDatabases('sample');
const env = databases.env;

async function plan(...args: string[]): Promise<Run> {
  return fixRoles(['plan', '--as-of', AS_OF, ...args], { env });
}

function parsed(text: string) {
  return planDocumentSchema.parse(JSON.parse(text));
}

describe('without -o, through a pipe', () => {
  test('stdout is the plan and nothing else, stderr the rest', async () => {
    const { stdout, stderr } = await exits(0, plan());
    const { asOf, digest, summary, teams } = parsed(stdout);
    expect(asOf).toBe(AS_OF);
    expect(teams).toHaveLength(summary.teams.changed);
    expect(teams.length).toBeGreaterThan(10);
    expect(stderr).toContain(`MongoDB ${new URL(databases.mongoUri).host}, database ${databases.dbName}`);
    expect(stderr).toContain(digest);
    expect(stdout + stderr).not.toContain('\u001b');
    const shown = await exits(0, fixRoles(['show', '-'], { stdin: stdout }));
    expect(shown.stdout).toContain(digest);
  });

  test('--quiet leaves only the plan', async () => {
    const { stdout, stderr } = await exits(0, plan('--quiet'));
    expect(stderr).toBe('');
    parsed(stdout);
  });

  test('foreign keys that point at the table are named beside the plan, whose bytes they do not change', async () => {
    const { stdout: without } = await plan();
    await databases.pg.query(
      'CREATE TABLE role_permissions (role_id int REFERENCES postgres_user_roles (id) ON DELETE CASCADE)',
    );
    const { stdout, stderr } = await plan();
    await databases.pg.query('DROP TABLE role_permissions');
    expect(stderr).toMatch(
      /^Neighbour: foreign key role_permissions_role_id_fkey of public\.role_permissions points at public\.postgres_user_roles \(id\): .*would delete the rows there/m,
    );
    expect(stderr).toMatch(/^apply rolls a team back .* memberExtras: "deactivate"/m);
    expect(stdout).toBe(without);
  });

  test('triggers whose doings apply could not see are told of beside the plan', async () => {
    const database = databases.pg.escapeIdentifier(databases.postgresDb);
    await databases.pg
      .query(`CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
      CREATE TRIGGER nothing BEFORE INSERT ON postgres_user_roles FOR EACH ROW EXECUTE FUNCTION nothing();`);
    const { stderr: counted } = await plan();
    await databases.pg.query(`ALTER DATABASE ${database} SET track_counts = off`);
    const { stderr: uncounted } = await plan();
    await databases.pg.query(`ALTER DATABASE ${database} RESET track_counts;
      DROP TRIGGER nothing ON postgres_user_roles; DROP FUNCTION nothing();`);
    expect(counted).not.toContain('track_counts');
    expect(uncounted).toMatch(/^apply will refuse every team: .*track_counts/m);
  });

  test('a reader that leaves early ends it quietly, but not as a success', async () => {
    const { stdout, stderr } = await shell('fix-roles plan -q | true; echo "${PIPESTATUS[0]}"', { env });
    expect(stderr).toBe('');
    expect(stdout).toBe('1\n');
  });

  test('a full disk is said', async () => {
    await exits(
      1,
      shell('fix-roles plan -q > /dev/full', { env }),
      /^✗ writing the result to standard output: /,
    );
  });
});

describe('with -o', () => {
  test('the file is readable by nobody else, and no file is ever replaced without --force', async () => {
    const file = join(await emptyDirectory(), 'plan.json');
    const first = await plan('-o', file);
    expect(first).toMatchObject({ code: 0, stdout: '' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const written = await readFile(file, 'utf8');
    parsed(written);

    await exits(4, fixRoles(['plan', '-o', file], { env: { ...env, ...UNREACHABLE } }), 'the file exists');
    expect(await readFile(file, 'utf8')).toBe(written);

    await exits(0, plan('-o', file, '--force', '--exclude-team', '60b8d2f00000000000000001'));
    expect(await readFile(file, 'utf8')).not.toBe(written);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('and --json, stdout is a summary', async () => {
    const file = join(await emptyDirectory(), 'plan.json');
    const { stdout } = await exits(0, plan('-o', file, '--json'));
    const { digest, summary } = parsed(await readFile(file, 'utf8'));
    expect(JSON.parse(stdout)).toEqual({ file, digest, summary });
  });
});

test('an interrupt ends it with 130 and leaves nothing', async () => {
  const cwd = await emptyDirectory();
  const args = ['plan', '-o', 'plan.json'];
  // Planning waits for this lock, so the signal always comes in the middle of it.
  await databases.pg.query('BEGIN');
  try {
    await databases.pg.query('LOCK TABLE public.postgres_user_roles IN ACCESS EXCLUSIVE MODE');
    const { stderr } = await exits(130, fixRoles(args, { env, cwd, interruptAt: 'Reading MongoDB' }));
    expect(stderr).not.toContain('✗');
    expect(await readdir(cwd)).toEqual([]);
  } finally {
    await databases.pg.query('ROLLBACK');
  }
});

describe('--detailed-exitcode', () => {
  test('is 2 where there is something to change', async () => {
    await exits(2, plan('--detailed-exitcode'));
  });

  test('is 0 where there is nothing', async () => {
    const whole = parsed((await plan()).stdout);
    const changed = whole.teams.flatMap(({ team }) => ['--exclude-team', team.id]);
    const { stdout, stderr } = await exits(0, plan('--detailed-exitcode', ...changed));
    expect(parsed(stdout).teams).toEqual([]);
    expect(stderr).toContain('what is blocked needs a person');
  });
});

describe('filters', () => {
  test('a team that neither store knows is named and exits with 1, without a plan', async () => {
    const cwd = await emptyDirectory();
    const [known = ''] = parsed((await plan()).stdout).teams.map(({ team }) => team.id);
    const none = 'f'.repeat(24);
    const args = ['plan', '-o', 'p.json', '--team', known, '--team', none];
    const said = `reading the teams: there is no team ${none}: it has neither a document nor active role rows`;
    await exits(1, fixRoles(args, { env: databases.env, cwd }), said);
    expect(await readdir(cwd)).toEqual([]);
  });

  test('what is no team id is refused instead of matching nothing', async () => {
    await exits(64, plan('--team', 'everybody'));
  });
});

test('--policy is laid over the defaults and stands in the plan', async () => {
  const file = join(await emptyDirectory(), 'policy.json');
  await writeFile(file, '{"outsiders":"keep","memberExtras":"keep"}');
  const { policy, summary } = parsed((await plan('--policy', file)).stdout);
  expect(policy).toMatchObject({ outsiders: 'keep', memberExtras: 'keep', missingTeams: 'deactivate' });
  expect(summary.changes.mongo).toMatchObject({ deactivate: 0, delete: 0 });
});

test('what the databases lack is named', async () => {
  await exits(
    1,
    fixRoles(['plan'], { env: { ...env, DB_NAME: 'fix_roles_no_such_database' } }),
    'there is no collection teams, user_roles, user_team_details',
  );
});

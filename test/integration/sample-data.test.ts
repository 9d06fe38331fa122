import { ObjectId } from 'bson';
import { describe, expect, test } from 'vitest';
import { sampleCases } from '../../src/sandbox/sample-data.js';
import { fileDatabases } from '../servers.js';

const databases = await fileDatabases('sample');

function caseNamed(name: string): string {
  const found = sampleCases.find((sample) => sample.name === name);
  if (!found) throw new Error(`there is no sample case ${name}`);
  return found.teamId;
}

async function rolesInPostgres(condition: string, values: unknown[] = []): Promise<number> {
  const { rows } = await databases.pg.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM public.postgres_user_roles WHERE ${condition}`,
    values,
  );
  return rows[0]?.n ?? 0;
}

describe('the sample data', () => {
  test('is whole: every document and row of every case', async () => {
    expect(await databases.mongo.collection('teams').countDocuments()).toBeGreaterThanOrEqual(40);
    for (const { teamId, memberships, mongoRoles, postgresRoles } of sampleCases) {
      const inTeam = { team_id: { $in: [teamId, new ObjectId(teamId)] } };
      const named = (rows: readonly { team_id?: unknown }[]): number =>
        rows.filter((row) => String(row.team_id) === teamId).length;
      expect(await databases.mongo.collection('user_team_details').countDocuments(inTeam)).toBe(
        named(memberships),
      );
      expect(await databases.mongo.collection('user_roles').countDocuments(inTeam)).toBe(named(mongoRoles));
      expect(await rolesInPostgres('team_id = $1', [teamId])).toBe(named(postgresRoles));
    }
  });

  test('names every case, team and id once', () => {
    const ids = [
      ...sampleCases.flatMap((sample) => sample.teams.map(({ _id }) => String(_id))),
      ...sampleCases.flatMap((sample) => sample.memberships.map(({ _id }) => String(_id))),
      ...sampleCases.flatMap((sample) => sample.mongoRoles.map(({ _id }) => String(_id))),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(sampleCases.map(({ name }) => name)).size).toBe(sampleCases.length);
    expect(new Set(sampleCases.map(({ teamId }) => teamId)).size).toBe(sampleCases.length);
  });

  test('keeps the microseconds of Postgres and the text dates of Mongo', async () => {
    expect(await rolesInPostgres(`date_part('microseconds', created_at)::int % 1000 <> 0`)).toBeGreaterThan(
      0,
    );
    expect(
      await databases.mongo.collection('user_roles').countDocuments({ created_at: { $type: 'string' } }),
    ).toBeGreaterThan(0);
  });

  test.each([
    ['teams', 'is created by an ObjectId', { created_by: { $type: 'objectId' } }],
    ['teams', 'is created by a string', { created_by: { $type: 'string' } }],
    ['teams', 'has no creator', { created_by: { $exists: false } }],
    ['teams', 'is soft-deleted', { is_deleted: true }],
    ['user_team_details', 'has ObjectIds', { user_id: { $type: 'objectId' }, team_id: { $type: 'string' } }],
    ['user_team_details', 'has an ObjectId team', { team_id: { $type: 'objectId' } }],
    ['user_team_details', 'has ended', { is_active: false }],
    ['user_team_details', 'has no readable user', { user_id: null }],
    ['user_team_details', 'is active in its own way', { is_active: 'true' }],
    ['user_roles', 'has an ObjectId user', { user_id: { $type: 'objectId' } }],
    ['user_roles', 'has an ObjectId team', { team_id: { $type: 'objectId' } }],
    ['user_roles', 'is GLOBAL', { scope: 'GLOBAL', is_active: true }],
    ['user_roles', 'is active as text', { is_active: 'true' }],
    ['user_roles', 'is active as a number', { is_active: 1 }],
    ['user_roles', 'does not say whether it is active', { is_active: { $exists: false } }],
    ['user_roles', 'has no readable user', { user_id: 4711 }],
    ['user_roles', 'has no readable team', { team_id: 'all' }],
    ['user_roles', 'has no role name', { role_name: null }],
  ])('has something in %s that %s', async (collection, _what, filter) => {
    expect(await databases.mongo.collection(collection).countDocuments(filter)).toBeGreaterThan(0);
  });

  test.each([
    ['is GLOBAL without a team', `scope = 'GLOBAL' AND team_id IS NULL`],
    ['is unlinked', `mongo_id IS NULL AND scope = 'TEAM' AND is_active`],
    ['has a malformed link', `mongo_id !~ '^[0-9a-f]{24}$'`],
    ['has no readable user', `user_id !~ '^[0-9a-f]{24}$'`],
    ['is of a TEAM but names none', `scope = 'TEAM' AND team_id IS NULL`],
    ['failed to be synchronised', `sync_status = 'FAILED' AND sync_error IS NOT NULL`],
    ['is pending', `sync_status = 'PENDING'`],
  ])('has a Postgres row that %s', async (_what, condition) => {
    expect(await rolesInPostgres(condition)).toBeGreaterThan(0);
  });

  test.each([
    // what Postgres has, what the linked document is like
    ['reactivate-in-postgres', 'NOT is_active', { is_active: true, scope: 'TEAM' }],
    ['reactivate-in-mongo', 'is_active', { is_active: false, scope: 'TEAM' }],
    ['link-conflict-in-mongo', 'is_active', { role_name: 'viewer' }],
    ['link-to-global-document', 'is_active', { scope: 'GLOBAL' }],
    ['link-to-global-row', `scope = 'GLOBAL'`, { scope: 'TEAM', is_active: true }],
    ['duplicate-active-role', 'NOT is_active', { scope: 'TEAM', is_active: true }],
    ['role-activity-not-true', 'is_active', { is_active: 'true' }],
  ])('links the two stores as the case %s says', async (name, condition, filter) => {
    const { rows } = await databases.pg.query<{ mongo_id: string }>(
      `SELECT mongo_id FROM public.postgres_user_roles WHERE mongo_id LIKE $1 AND ${condition}`,
      // Row ids carry the number of their case, as the team's id does.
      [`61e5c400${caseNamed(name).slice(16)}%`],
    );
    const linked = rows.map(({ mongo_id }) => new ObjectId(mongo_id));
    expect(
      await databases.mongo.collection('user_roles').countDocuments({ _id: { $in: linked }, ...filter }),
    ).toBeGreaterThan(0);
  });

  test('has roles of teams without a document', async () => {
    for (const name of ['missing-team', 'missing-team-in-postgres']) {
      const team = caseNamed(name);
      expect(await databases.mongo.collection('teams').countDocuments({ _id: new ObjectId(team) })).toBe(0);
      expect(await rolesInPostgres('team_id = $1 AND is_active', [team])).toBeGreaterThan(0);
    }
  });
});

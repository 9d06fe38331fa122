import { ObjectId } from 'bson';
import { expect, test } from 'vitest';
import { sampleCases } from '../../src/sandbox/sample-data.js';
import { fileDatabases } from '../servers.js';

const databases = await fileDatabases('sample');

async function rolesInPostgres(condition: string, values: unknown[] = []): Promise<number> {
  const { rows } = await databases.pg.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM public.postgres_user_roles WHERE ${condition}`,
    values,
  );
  return rows[0]?.n ?? 0;
}

test('the sample data is whole: every document and row of every case', async () => {
  const { mongo } = databases;
  for (const { teamId, memberships, mongoRoles, postgresRoles } of sampleCases) {
    const inTeam = { team_id: { $in: [teamId, new ObjectId(teamId)] } };
    const named = (rows: readonly { team_id?: unknown }[]): number =>
      rows.filter((row) => String(row.team_id) === teamId).length;
    expect(await mongo.collection('user_team_details').countDocuments(inTeam)).toBe(named(memberships));
    expect(await mongo.collection('user_roles').countDocuments(inTeam)).toBe(named(mongoRoles));
    expect(await rolesInPostgres('team_id = $1', [teamId])).toBe(named(postgresRoles));
  }
});

test('it names every case, team and id once', () => {
  expect(sampleCases.length).toBeGreaterThanOrEqual(40);
  const ids = sampleCases
    .flatMap(({ teams, memberships, mongoRoles }) => [...teams, ...memberships, ...mongoRoles])
    .map(({ _id }) => String(_id));
  const names = sampleCases.flatMap(({ name, teamId }) => [name, `team ${teamId}`]);
  expect(new Set([...ids, ...names]).size).toBe(ids.length + names.length);
});

test('it keeps the microseconds of Postgres and the text dates of Mongo', async () => {
  const fractions = `date_part('microseconds', created_at)::int % 1000 <> 0`;
  expect(await rolesInPostgres(fractions)).toBeGreaterThan(0);
  const textDates = { created_at: { $type: 'string' } };
  expect(await databases.mongo.collection('user_roles').countDocuments(textDates)).toBeGreaterThan(0);
});

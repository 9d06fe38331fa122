import { ObjectId } from 'mongodb';
import type { TestDatabases } from '../../servers.js';
import { teamId } from './broken-team.js';

/** A team whose role rows were remembered: each call puts those of one store back to how they were. */
export interface RememberedTeam {
  mongo(): Promise<void>;
  postgres(): Promise<void>;
}

/** Remembers the role rows of a team as they are now, with every field, column and type. */
export async function rememberTeam(
  { mongo, pg: client }: TestDatabases,
  team: number,
): Promise<RememberedTeam> {
  const ofTeam = { team_id: { $in: [teamId(team), new ObjectId(teamId(team))] } };
  const roles = mongo.collection('user_roles');
  const documents = await roles.find(ofTeam, { promoteValues: false }).toArray();
  const { rows } = await client.query<{ saved: string }>(
    'SELECT json_agg(r)::text AS saved FROM postgres_user_roles AS r WHERE team_id = $1',
    [teamId(team)],
  );
  return {
    mongo: async () => {
      await roles.deleteMany(ofTeam);
      await roles.insertMany(documents);
    },
    postgres: async () => {
      await client.query('DELETE FROM postgres_user_roles WHERE team_id = $1', [teamId(team)]);
      await client.query(
        'INSERT INTO postgres_user_roles SELECT * FROM json_populate_recordset(NULL::postgres_user_roles, $1)',
        [rows[0]?.saved],
      );
    },
  };
}

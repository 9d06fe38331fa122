import type { Step } from '../../../src/model/step-observer.js';
import { type Db, ObjectId } from 'mongodb';
import type { TestDatabases } from '../../servers.js';
import { linkOf, teamId } from './broken-team.js';

/** Fields that somebody else changes in a broken team after it was planned. */
type Fields = Readonly<Record<string, unknown>>;

export function updateTeam(mongo: Db, team: number, set: Fields): Promise<unknown> {
  return mongo.collection('teams').updateOne({ _id: new ObjectId(teamId(team)) }, { $set: set });
}

export function updateMembership(mongo: Db, team: number, person: string, set: Fields): Promise<unknown> {
  return mongo
    .collection('user_team_details')
    .updateOne({ team_id: teamId(team), user_id: new ObjectId(person) }, { $set: set });
}

/** Changes the document of somebody's role: of `member`, unless another is named. */
export function updateDocument(
  mongo: Db,
  team: number,
  person: string,
  set: Fields,
  role = 'member',
): Promise<unknown> {
  const _id = new ObjectId(linkOf(team, person, role));
  return mongo.collection('user_roles').updateOne({ _id }, { $set: set });
}

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

/** Does something when a team comes to a step for the first time. */
export function once(team: number, at: Step, act: () => Promise<unknown>) {
  let done = false;
  return async (id: string, step: Step): Promise<void> => {
    if (done || id !== teamId(team) || step !== at) return;
    done = true;
    await act();
  };
}

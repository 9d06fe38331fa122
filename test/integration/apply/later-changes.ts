import { ObjectId, type Db } from 'mongodb';
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

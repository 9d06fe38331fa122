import { ObjectId } from 'mongodb';
import type { TestDatabases } from '../../servers.js';
import { document, insertDocuments, insertMembership, insertRow, teamId } from '../apply/broken-team.js';

export const [U1, U2, U3, U4] = [
  /** Created the team, and has only `member`. */
  '05e600000000000000000001',
  /** A member with an extra `admin`. */
  '05e600000000000000000002',
  /** Has left, and still holds `member`. */
  '05e600000000000000000003',
  /** A member without a role. */
  '05e600000000000000000004',
] as const;

export const TEAMS = [1, 2, 3].map(teamId);

/** Three teams, every role paired in both stores. */
export async function insertSmallTeams({ mongo, pg: client }: TestDatabases): Promise<void> {
  for (const number of [1, 2, 3]) {
    await mongo.collection('teams').insertOne({
      _id: new ObjectId(teamId(number)),
      name: `Team ${number}`,
      created_by: U1,
      is_deleted: false,
    });
    for (const person of [U1, U2, U4]) await insertMembership(mongo, number, person);
    await mongo
      .collection('user_team_details')
      .insertOne({ user_id: U3, team_id: teamId(number), is_active: false });
    const roles = [
      [U1, 'member'],
      [U2, 'admin'],
      [U2, 'member'],
      [U3, 'member'],
    ] as const;
    await insertDocuments(
      mongo,
      roles.map(([person, role]) => document(number, person, { role })),
    );
    for (const [person, role] of roles) await insertRow(client, number, person, { role });
  }
}

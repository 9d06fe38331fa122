import { ObjectId, type Db, type Document } from 'mongodb';
import type pg from 'pg';
import type { ApplyProspect } from '../../../src/model/apply-report.js';
import { insertRows } from '../../databases.js';
import type { TestDatabases } from '../../servers.js';

/** The people of every broken team, each broken in a way of their own. */
export const PEOPLE = {
  /** Created the team; has no membership and no role. */
  creator: '05e500000000000000000001',
  /** A member who holds `admin` in both stores and `member` in neither. */
  extra: '05e500000000000000000002',
  /** No member, but holds `member` in both stores. */
  former: '05e500000000000000000003',
  /** A member whose Postgres copy is inactive. */
  inactiveRow: '05e500000000000000000004',
  /** A member whose Mongo copy is inactive. */
  inactiveDocument: '05e500000000000000000005',
  /** A member who has no Postgres copy. */
  noRow: '05e500000000000000000006',
  /** A member who has no Mongo copy. */
  noDocument: '05e500000000000000000007',
} as const;
/** In no plan: a member with all that a member wants, who also has old inactive and GLOBAL roles. */
export const BYSTANDER = '05e500000000000000000008';

/** How many changes the plan of one broken team has in each store. */
export const CHANGES = { insert: 5, reactivate: 1, deactivate: 1, delete: 1 };

/** What the plan of so many broken teams takes and gives in each store: the creator gets all three roles. */
export function rolesIn(teams: number): ApplyProspect['roles']['mongo'] {
  return [
    { role: 'owner', taken: 0, given: teams },
    { role: 'admin', taken: teams, given: teams },
    { role: 'member', taken: teams, given: 4 * teams },
  ];
}

const LONG_AGO = '2023-05-06T07:08:09.010Z';
/** More digits than JavaScript's dates hold. */
const LONG_AGO_IN_POSTGRES = '2023-05-06 07:08:09.010203+00';

export function teamId(number: number): string {
  return `7ea3${String(number).padStart(20, '0')}`;
}

/** The link of somebody's copies in a team. */
export function linkOf(team: number, person: string, role = 'member'): string {
  return `a0${String(team).padStart(12, '0')}${role.charCodeAt(0).toString(16)}${person.slice(-8)}`;
}

export interface RoleParts {
  readonly role?: string;
  readonly active?: boolean;
  readonly scope?: string;
  readonly link?: string | null;
}

/** A role document, with a field and types that the tool does not know. */
export function document(team: number, person: string, parts: RoleParts = {}): Document {
  const { role = 'member', active = true, scope = 'TEAM', link = linkOf(team, person, role) } = parts;
  return {
    _id: new ObjectId(link ?? undefined),
    user_id: person,
    role_name: role,
    scope,
    team_id: new ObjectId(teamId(team)),
    is_active: active,
    created_at: LONG_AGO,
    created_by: 'system',
    note: { seen: 3, by: ['ann'] },
  };
}

export async function insertDocuments(mongo: Db, documents: readonly Document[]): Promise<void> {
  await mongo.collection('user_roles').insertMany([...documents]);
}

/** A role row; its serial id is given by the database. */
export function insertRow(
  client: pg.Client,
  team: number,
  person: string,
  parts: RoleParts = {},
): Promise<void> {
  const { role = 'member', active = true, scope = 'TEAM', link = linkOf(team, person, role) } = parts;
  const whose = { mongo_id: link, user_id: person, role_name: role, scope, team_id: teamId(team) };
  const times = { created_at: LONG_AGO_IN_POSTGRES, last_sync_at: LONG_AGO_IN_POSTGRES };
  const rest = { created_by: 'system', sync_status: 'FAILED', sync_error: 'some "error"' };
  return insertRows(client, [{ ...whose, is_active: active, ...times, ...rest }]);
}

export async function insertMembership(mongo: Db, team: number, person: string): Promise<void> {
  await mongo
    .collection('user_team_details')
    .insertOne({ user_id: new ObjectId(person), team_id: teamId(team), is_active: true });
}

type Stores = Pick<TestDatabases, 'mongo' | 'pg'>;

/** Fills the databases with teams that need every kind of change in every store, and a bystander in each. */
export async function insertBrokenTeams(databases: Stores, numbers: readonly number[]): Promise<void> {
  for (const number of numbers) await insertBrokenTeam(databases, number);
}

async function insertBrokenTeam({ mongo, pg: client }: Stores, team: number): Promise<void> {
  const { creator, extra, former, inactiveRow, inactiveDocument, noRow, noDocument } = PEOPLE;
  await mongo.collection('teams').insertOne({
    _id: new ObjectId(teamId(team)),
    name: `Team ${team}`,
    created_by: creator,
    is_deleted: false,
  });
  const members = [extra, inactiveRow, inactiveDocument, noRow, noDocument, BYSTANDER];
  for (const person of members) await insertMembership(mongo, team, person);
  await insertDocuments(mongo, [
    document(team, extra, { role: 'admin' }),
    document(team, former),
    document(team, inactiveRow),
    document(team, inactiveDocument, { active: false }),
    document(team, noRow),
    document(team, BYSTANDER),
    document(team, BYSTANDER, { role: 'viewer', active: false }),
    document(team, BYSTANDER, { role: 'root', scope: 'GLOBAL' }),
  ]);
  await insertRow(client, team, extra, { role: 'admin' });
  await insertRow(client, team, former);
  await insertRow(client, team, inactiveRow, { active: false });
  await insertRow(client, team, inactiveDocument);
  await insertRow(client, team, noDocument);
  await insertRow(client, team, BYSTANDER);
  await insertRow(client, team, BYSTANDER, { role: 'viewer', active: false });
  await insertRow(client, team, BYSTANDER, { role: 'root', scope: 'GLOBAL' });
}

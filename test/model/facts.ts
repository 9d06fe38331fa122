import type { LinkedRow, Links, TeamFacts, UserFacts } from '../../src/model/facts.js';
import type { SerialId } from '../../src/model/id.js';
import type { OddField } from '../../src/model/finding.js';
import type { Policy } from '../../src/model/policy.js';
import type { MongoRoleRow, PostgresRoleRow } from '../../src/model/role-row.js';
import { bySerialId } from '../../src/model/id.js';
import type { Team } from '../../src/model/team.js';
import {
  isActiveMembership,
  isFact,
  isOddMembership,
  isOddTeam,
  isUsableDocument,
  isUsableRow,
  readId,
  readRole,
  type MongoDocument,
  type PostgresRow,
  type World,
} from './world.js';

/*
 * What reading a world hands to src/decide, in the vocabulary of src/model/facts.ts. Users stand in the order in which
 * the world names them, so that shuffling the world shuffles them too.
 */

/** The facts of every team that has a document or is named by an active role row. */
export function factsOf(world: World, policy: Policy): TeamFacts[] {
  const facts = [...world.roles, ...world.rows].filter(isFact);
  const documents = new Map(world.teams.map((team) => [readId(team['_id']), team]));
  const ids = new Set([...documents.keys(), ...facts.map((row) => readId(row['team_id']))]);
  return [...ids].filter((id) => id !== null).map((id) => factsOfTeam(world, policy, id, documents.get(id)));
}

/** Looks up the other ends of links. */
export function linksOf(world: World): Links {
  return {
    mongo: (id) =>
      one(
        world.roles.filter((document) => readId(document['_id']) === id),
        (document) => linkedDocument(id, document),
      ),
    postgres: (mongoId) =>
      one(
        world.rows.filter((row) => row.mongo_id === mongoId),
        linkedRow,
      ),
  };
}

function factsOfTeam(
  world: World,
  policy: Policy,
  id: string,
  document: MongoDocument | undefined,
): TeamFacts {
  const ofTeam = (row: MongoDocument | PostgresRow): boolean => readId(row['team_id']) === id;
  const memberships = world.memberships.filter((row) => isActiveMembership(row, policy) && ofTeam(row));
  const documents = world.roles.filter((row) => isFact(row) && ofTeam(row));
  const rows = world.rows.filter((row) => isFact(row) && ofTeam(row));
  const users = (all: readonly (MongoDocument | PostgresRow)[]): (string | null)[] =>
    all.map((row) => readId(row['user_id']));
  const everybody = new Set(users([...memberships, ...documents, ...rows]));
  const members = new Set(users(memberships));
  return {
    team: teamOf(id, document),
    users: [...everybody]
      .filter((user) => user !== null)
      .map((user) => {
        const ofUser = (row: MongoDocument | PostgresRow): boolean => readId(row['user_id']) === user;
        return userFacts(user, members.has(user), documents.filter(ofUser), rows.filter(ofUser));
      }),
    rowsWithoutUser: oddIf(users([...documents, ...rows]).includes(null)),
    membershipsWithoutUser: oddIf(members.has(null)),
    oddStates: [
      ...oddIf(document !== undefined && isOddTeam(document)).map(
        (odd) => ({ ...odd, code: 'odd-team-state', user: null }) as const,
      ),
      ...[
        ...new Set(users(world.memberships.filter((row) => isOddMembership(row, policy) && ofTeam(row)))),
      ].flatMap((user) => oddIf(true).map((odd) => ({ ...odd, code: 'odd-membership', user }) as const)),
    ],
  };
}

/** The rules pass on what is odd as they are given it: one field stands for all. */
function oddIf(odd: boolean): OddField[] {
  return odd ? [{ at: { store: 'mongo', row: '1', field: 'user_id' }, value: '7' }] : [];
}

function teamOf(id: string, document: MongoDocument | undefined): Team {
  if (document === undefined) return { id, name: null, state: 'missing', createdBy: null };
  return {
    id,
    name: null,
    state: document['is_deleted'] === true ? 'deleted' : 'live',
    createdBy: readId(document['created_by']),
  };
}

function userFacts(
  user: string,
  member: boolean,
  documents: readonly MongoDocument[],
  rows: readonly PostgresRow[],
): UserFacts {
  const mongo = documents.flatMap((document): MongoRoleRow[] => {
    const id = readId(document['_id']);
    const role = readRole(document['role_name']);
    return id === null || role === null ? [] : [{ id, role, active: true }];
  });
  const postgres = rows.filter(isUsableRow).map((row): PostgresRoleRow => ({
    id: row.id,
    mongoId: row.mongo_id,
    role: row.role_name,
    active: true,
  }));
  return {
    user,
    member,
    rows: {
      mongo: mongo.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
      postgres: postgres.sort((a, b) => bySerialId(a.id, b.id)),
    },
    malformed: oddIf(!documents.every(isUsableDocument) || !rows.every(isUsableRow)),
  };
}

function linkedDocument(id: string, document: MongoDocument): LinkedRow<string> {
  return { id, ...linkedParts(document) };
}

function linkedRow(row: PostgresRow): LinkedRow<SerialId> {
  return { id: row.id, ...linkedParts(row) };
}

function linkedParts(row: MongoDocument | PostgresRow): Omit<LinkedRow<string>, 'id'> {
  const scope = row['scope'];
  return {
    user: readId(row['user_id']),
    team: readId(row['team_id']),
    role: readRole(row['role_name']),
    scope: typeof scope === 'string' ? scope : null,
    active: row['is_active'] === true,
  };
}

function one<Row, Linked>(found: readonly Row[], read: (row: Row) => Linked): Linked | 'several' | undefined {
  const [first, ...more] = found;
  if (first === undefined) return undefined;
  return more.length > 0 ? 'several' : read(first);
}

import { ObjectId } from 'mongodb';
import { expectedNewId, type MongoDocument, type PostgresRow, type World } from './rules.js';
import { ROLES, ROW_IDS, WORLD_AS_OF, WORLD_TEAMS, WORLD_USERS } from './worlds.js';

/** More than a world has rows. */
const SERIALS_EACH = 20;

/**
 * Several worlds beside each other in one: each gets teams, users and row ids of its own, and is otherwise as it was.
 * Whoever reads all of it can keep them apart, so that databases need to be made only once.
 */
export function besideEachOther(worlds: readonly World[]): World {
  const moved = worlds.map(moveWorld);
  return {
    teams: moved.flatMap(({ teams }) => teams),
    memberships: moved.flatMap(({ memberships }) => memberships),
    roles: moved.flatMap(({ roles }) => roles),
    rows: moved.flatMap(({ rows }) => rows),
  };
}

function moveWorld(world: World, number: number): World {
  const ids = movedIds(number);
  const moveId = (value: unknown): unknown => {
    if (value instanceof ObjectId) return new ObjectId(ids.get(value.toHexString()) ?? value.toHexString());
    return typeof value === 'string' ? (ids.get(value) ?? value) : value;
  };
  /** Keys must be unique, malformed ones too. */
  const moveKey = (value: unknown): unknown => {
    if (typeof value === 'number') return value + number * 1_000;
    if (typeof value === 'string') return ids.get(value) ?? `${value.slice(0, 12)}~${number}`;
    return moveId(value);
  };
  const moveReferences = (document: MongoDocument): MongoDocument =>
    Object.fromEntries(
      Object.entries(document).map(([field, value]) => [
        field,
        field === '_id'
          ? moveKey(value)
          : ['user_id', 'team_id', 'created_by'].includes(field)
            ? moveId(value)
            : value,
      ]),
    );
  const moveText = (text: string): string => ids.get(text) ?? text;
  const moveRow = (row: PostgresRow): PostgresRow => ({
    ...row,
    id: row.id + number * SERIALS_EACH,
    mongo_id: row.mongo_id === null ? null : String(moveKey(row.mongo_id)),
    user_id: moveText(row.user_id),
    team_id: row.team_id === null ? null : moveText(row.team_id),
  });
  return {
    teams: world.teams.map(moveReferences),
    memberships: world.memberships.map(moveReferences),
    roles: world.roles.map(moveReferences),
    rows: world.rows.map(moveRow),
  };
}

/** Every id of a world, and what becomes of it. New ids follow from teams and users, so they are worked out again. */
function movedIds(number: number): Map<string, string> {
  const move = (id: string): string => id.slice(0, 6) + String(number).padStart(6, '0') + id.slice(12);
  const ids = new Map([...WORLD_TEAMS, ...WORLD_USERS, ...ROW_IDS].map((id) => [id, move(id)]));
  for (const team of WORLD_TEAMS)
    for (const user of WORLD_USERS)
      for (const role of ROLES)
        ids.set(
          expectedNewId(WORLD_AS_OF, team, user, role),
          expectedNewId(WORLD_AS_OF, move(team), move(user), role),
        );
  return ids;
}

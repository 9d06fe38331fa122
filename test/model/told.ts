import type { ExpectedChange } from './link-table.js';
import { idOf, isFact, readId, type World } from './world.js';

/** An expected change as one line: what is done to which row, and why. */
export function lineOfExpected(change: ExpectedChange): string {
  return [change.store, change.op, change.role, String(addressOf(change)), change.rule].join(' ');
}

/** The id of the row that is changed; of one that is inserted, the id that links the copies. */
export function addressOf(change: ExpectedChange): string | number | null {
  if (change.store === 'mongo') return idOf(change.before ?? change.after ?? {});
  return change.before?.id ?? change.after?.mongo_id ?? null;
}

/** Roles that one user holds twice, actively, in one team and one store. */
export function doubles(world: World): string[] {
  return [world.roles, world.rows].flatMap((rows, store) => {
    const held = rows
      .filter(isFact)
      .map((row) => [store, readId(row['team_id']), readId(row['user_id']), row['role_name']].join(' '));
    return held.filter((role, index) => held.indexOf(role) < index);
  });
}

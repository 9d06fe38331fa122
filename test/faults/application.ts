import { ObjectId, type Db, type Document } from 'mongodb';
import type pg from 'pg';
import { mongoKey, postgresKey, type Dump } from './evidence.js';
import { PEOPLE, type Scenario } from './scenario.js';

/** What got lost of what the application wrote, in words; null if nothing did. */
export type LostFrom = (rows: Dump['rows']) => string | null;

/**
 * What the plan must make of an act: `rows` and `standing` are drift, or the team is overtaken, unless everything in the
 * plan holds all the same; `harmless` must not stand in its way.
 */
type Concerns = 'rows' | 'standing' | 'harmless';

/** One thing that the application does while a plan is being applied. */
export interface ApplicationAct {
  readonly name: string;
  readonly concerns: Concerns;
  /** It may have to wait for the team's transaction. */
  readonly mayWait: boolean;
  /** The key of the row that it writes. */
  readonly writes: string;
  readonly act: (mongo: Db, postgres: pg.Client) => Promise<LostFrom>;
}

const { owner, member, former, stranger } = PEOPLE;
const now = new Date('2026-01-02T04:00:00.000Z');
const nothingLost: LostFrom = () => null;

/** Everything the application does to the first team that a plan changes. */
export function applicationActs({ broken, memberships, rows }: Scenario): ApplicationAct[] {
  const [team = ''] = broken;
  const newId = (number: number): string => `61e5c400000077770000000${number}`;
  /** The `_id` of a role document is the `mongo_id` of its copy. */
  const linkOf = (user: string, role: string): string => {
    const row = rows.find(
      (one) => one.is_active && one.user_id === user && one.role_name === role && one.team_id === team,
    );
    if (!row?.mongo_id) throw new Error(`no active row of ${user} as ${role}`);
    return row.mongo_id;
  };
  const toDelete = linkOf(member, 'admin');
  const toDeactivate = linkOf(former, 'admin');
  const toStay = linkOf(member, 'member');
  const membership = memberships.find((one) => one['user_id'] === member && one['team_id'] === team);
  const role = (user: string, name: string): Document => ({
    ...{ user_id: user, team_id: team, role_name: name, scope: 'TEAM', is_active: true },
    ...{ created_at: now, created_by: 'app' },
  });
  const people = (user: string): Document => ({ user_id: user, team_id: team, is_active: true });
  return [
    inserts('inserts the very role in MongoDB', 'user_roles', newId(1), role(owner, 'admin'), 'rows'),
    postgresAct('inserts the very role in Postgres', newId(2), 'rows', (postgres, link) =>
      insertRow(postgres, [link, owner, 'admin', team]),
    ),
    updatesRow('the role of a row to be deleted', toDelete, "role_name = 'guest'", 'rows'),
    updatesRow('a row to be deactivated to inactive', toDeactivate, 'is_active = false', 'rows'),
    updatesRow('the sync time of a row to be deactivated', toDeactivate, 'last_sync_at = now()', 'harmless'),
    postgresAct('deletes a row to be deactivated in Postgres', toDeactivate, 'rows', deleteRow),
    updatesRole('the role of a document to be deleted', toDelete, { role_name: 'guest' }),
    updatesRole('a document to be deleted to inactive', toDelete, { is_active: false }),
    updatesRole('a document that stays to inactive', toStay, { is_active: false }),
    deletes('deletes a document to be deactivated in MongoDB', 'user_roles', toDeactivate, 'rows'),
    updates('marks the team as deleted', 'teams', team, { is_deleted: true }, 'standing'),
    updates('gives the team another creator', 'teams', team, { created_by: stranger }, 'standing'),
    deletes('deletes the team', 'teams', team, 'standing'),
    updates(
      'removes a member',
      'user_team_details',
      String(membership?.['_id']),
      { is_active: false },
      'standing',
    ),
    inserts('adds a former one to the members', 'user_team_details', newId(3), people(former), 'standing'),
    inserts('adds a new one to the members', 'user_team_details', newId(4), people(stranger), 'harmless'),
    inserts(
      'inserts a role of somebody else in MongoDB',
      'user_roles',
      newId(5),
      role(stranger, 'member'),
      'harmless',
    ),
  ];
}

function inserts(
  name: string,
  collection: string,
  id: string,
  document: Document,
  concerns: Concerns,
): ApplicationAct {
  const key = mongoKey(collection, { $oid: id });
  const act = async (mongo: Db): Promise<LostFrom> => {
    await mongo.collection(collection).insertOne({ _id: new ObjectId(id), ...document });
    return (rows) => (rows.has(key) ? null : `${key} is gone`);
  };
  return { name, concerns, mayWait: false, writes: key, act };
}

function updates(
  name: string,
  collection: string,
  id: string,
  set: Readonly<Record<string, string | boolean>>,
  concerns: Concerns,
): ApplicationAct {
  const key = mongoKey(collection, { $oid: id });
  const act = async (mongo: Db): Promise<LostFrom> => {
    const { matchedCount } = await mongo
      .collection(collection)
      .updateOne({ _id: new ObjectId(id) }, { $set: set });
    return matchedCount === 0 ? nothingLost : keeps(key, Object.entries(set));
  };
  return { name, concerns, mayWait: collection === 'user_roles', writes: key, act };
}

function updatesRole(
  what: string,
  id: string,
  set: Readonly<Record<string, string | boolean>>,
): ApplicationAct {
  return updates(`changes ${what} in MongoDB`, 'user_roles', id, set, 'rows');
}

function deletes(name: string, collection: string, id: string, concerns: Concerns): ApplicationAct {
  const key = mongoKey(collection, { $oid: id });
  const act = async (mongo: Db): Promise<LostFrom> => {
    const { deletedCount } = await mongo.collection(collection).deleteOne({ _id: new ObjectId(id) });
    return deletedCount === 0 ? nothingLost : staysAway(key);
  };
  return { name, concerns, mayWait: collection === 'user_roles', writes: key, act };
}

function postgresAct(
  name: string,
  link: string,
  concerns: Concerns,
  write: (postgres: pg.Client, link: string, key: string) => Promise<LostFrom>,
): ApplicationAct {
  const key = postgresKey({ mongo_id: link });
  return {
    name,
    concerns,
    mayWait: true,
    writes: key,
    act: (_mongo, postgres) => write(postgres, link, key),
  };
}

async function insertRow(
  postgres: pg.Client,
  values: readonly [link: string, ...string[]],
): Promise<LostFrom> {
  const key = postgresKey({ mongo_id: values[0] });
  try {
    await postgres.query(
      `INSERT INTO public.postgres_user_roles (mongo_id, user_id, role_name, scope, team_id, is_active,
         created_at, created_by, last_sync_at, sync_status)
       VALUES ($1, $2, $3, 'TEAM', $4, true, now(), 'app', now(), 'SYNCED')`,
      [...values],
    );
    return (rows) => (rows.has(key) ? null : `${key} is gone`);
  } catch (error) {
    // The plan's own row was there first.
    if (error instanceof Error && 'code' in error && error.code === '23505') return nothingLost;
    throw error;
  }
}

function updatesRow(
  what: string,
  link: string,
  set: "role_name = 'guest'" | 'is_active = false' | 'last_sync_at = now()',
  concerns: Concerns,
): ApplicationAct {
  return postgresAct(`changes ${what} in Postgres`, link, concerns, async (postgres, _link, key) => {
    const { rows: written } = await postgres.query<{ role_name: string; is_active: boolean }>(
      `UPDATE public.postgres_user_roles SET ${set} WHERE mongo_id = $1 RETURNING role_name, is_active`,
      [link],
    );
    const [row] = written;
    if (row === undefined || concerns === 'harmless') return nothingLost;
    const inactive = row.is_active ? [] : [['is_active', 'f'] as const];
    return keeps(key, [['role_name', row.role_name], ...inactive]);
  });
}

async function deleteRow(postgres: pg.Client, link: string, key: string): Promise<LostFrom> {
  const deleting = 'DELETE FROM public.postgres_user_roles WHERE mongo_id = $1';
  const { rowCount } = await postgres.query(deleting, [link]);
  return rowCount === 0 ? nothingLost : staysAway(key);
}

function keeps(
  key: string,
  fields: readonly (readonly [field: string, value: string | boolean])[],
): LostFrom {
  return (rows) => {
    const found = rows.get(key);
    if (fields.every(([field, value]) => found?.[field] === value)) return null;
    return `${key} was written by the application, and is ${JSON.stringify(found ?? null)}`;
  };
}

function staysAway(key: string): LostFrom {
  return (rows) => (rows.has(key) ? `${key} has come back` : null);
}

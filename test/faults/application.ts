import { ObjectId, type Db } from 'mongodb';
import type pg from 'pg';
import type { Dump } from './dump.js';
import { mongoKey, postgresKey } from './row-key.js';
import { PEOPLE } from './scenario.js';

/** What the application wrote, and what must be seen of it in the end. */
export interface Written {
  /** What got lost of it, in words; null if nothing did. */
  lostFrom(end: Dump): string | null;
}

/** One thing that the application does while a plan is being applied. */
export interface ApplicationAct {
  readonly name: string;
  /**
   * What the plan must make of it: `rows` and `standing` are drift, or the team is overtaken, unless everything in the
   * plan holds all the same; `harmless` must not stand in its way.
   */
  readonly concerns: 'rows' | 'standing' | 'harmless';
  /** Whether it may have to wait for the team's transaction, and in which store. */
  readonly waitsIn: 'mongo' | 'postgres' | null;
  /** The keys of the rows that it writes. */
  readonly writes: readonly string[];
  act(application: Application): Promise<Written>;
}

/** The application's own connections, and the team it works on. */
export interface Application {
  readonly mongo: Db;
  readonly postgres: pg.Client;
  readonly team: string;
}

const NOTHING_LOST: Written = { lostFrom: () => null };
const { owner, member, former, stranger } = PEOPLE;
const NEW_ID = '61e5c400000077770000000';
const now = new Date('2026-01-02T04:00:00.000Z');

/** A role document of the scenario: its `_id` is the `mongo_id` of its copy. */
interface LinkedRow {
  readonly user: string;
  readonly role: string;
}

/** Everything the application does to the first team, with the ids that rows of the scenario have. */
export function applicationActs(baseline: Dump, team: string): ApplicationAct[] {
  const linkOf = ({ user, role }: LinkedRow): string => {
    for (const row of baseline.rows.values()) {
      const active = row['is_active'] === 't';
      const found = row['user_id'] === user && row['role_name'] === role && row['team_id'] === team;
      if (active && found && typeof row['mongo_id'] === 'string') return row['mongo_id'];
    }
    throw new Error(`no active row of ${user} as ${role}`);
  };
  const toDelete = linkOf({ user: member, role: 'admin' });
  const toDeactivate = linkOf({ user: former, role: 'admin' });
  const toStay = linkOf({ user: member, role: 'member' });
  return [
    insertsInMongo('the very role', owner, 'admin', `${NEW_ID}1`, 'rows'),
    insertsInPostgres('the very role', owner, 'admin', `${NEW_ID}2`, 'rows'),
    updatesInPostgres('the role of a row to be deleted', toDelete, "role_name = 'guest'", 'rows'),
    updatesInPostgres('a row to be deactivated to inactive', toDeactivate, 'is_active = false', 'rows'),
    updatesInPostgres(
      'the sync time of a row to be deactivated',
      toDeactivate,
      'last_sync_at = now()',
      'harmless',
    ),
    deletesInPostgres('a row to be deactivated', toDeactivate),
    updatesInMongo('the role of a document to be deleted', toDelete, { role_name: 'guest' }),
    updatesInMongo('a document to be deleted to inactive', toDelete, { is_active: false }),
    updatesInMongo('a document that stays to inactive', toStay, { is_active: false }),
    deletesInMongo('a document to be deactivated', toDeactivate),
    changesTeam('marks the team as deleted', { $set: { is_deleted: true } }, team),
    changesTeam('gives the team another creator', { $set: { created_by: stranger } }, team),
    deletesTeam(team),
    removesMember(baseline, team),
    addsMember('a former one', former, `${NEW_ID}3`, 'standing'),
    addsMember('a new one', stranger, `${NEW_ID}4`, 'harmless'),
    insertsInMongo('a role of somebody else', stranger, 'member', `${NEW_ID}5`, 'harmless'),
  ];
}

function insertsInMongo(
  what: string,
  user: string,
  role: string,
  id: string,
  concerns: 'rows' | 'harmless',
): ApplicationAct {
  const key = mongoKey('user_roles', { $oid: id });
  return {
    name: `inserts ${what} in MongoDB`,
    concerns,
    waitsIn: null,
    writes: [key],
    act: async ({ mongo, team }) => {
      const holder = { user_id: user, team_id: team, role_name: role, scope: 'TEAM', is_active: true };
      const row = { _id: new ObjectId(id), ...holder, created_at: now, created_by: 'app' };
      await mongo.collection('user_roles').insertOne(row);
      return { lostFrom: ({ rows }) => (rows.has(key) ? null : `${key} is gone`) };
    },
  };
}

function insertsInPostgres(
  what: string,
  user: string,
  role: string,
  link: string,
  concerns: 'rows' | 'harmless',
): ApplicationAct {
  const key = postgresKey({ mongo_id: link });
  return {
    name: `inserts ${what} in Postgres`,
    concerns,
    waitsIn: 'postgres',
    writes: [key],
    act: async ({ postgres, team }) => {
      const inserted = await postgres
        .query(
          `INSERT INTO public.postgres_user_roles (mongo_id, user_id, role_name, scope, team_id, is_active,
             created_at, created_by, last_sync_at, sync_status)
           VALUES ($1, $2, $3, 'TEAM', $4, true, now(), 'app', now(), 'SYNCED')`,
          [link, user, role, team],
        )
        .catch((error: unknown) => {
          // The plan's own row was there first.
          if (error instanceof Error && 'code' in error && error.code === '23505') return null;
          throw error;
        });
      if (inserted === null) return NOTHING_LOST;
      return { lostFrom: ({ rows }) => (rows.has(key) ? null : `${key} is gone`) };
    },
  };
}

function updatesInPostgres(
  what: string,
  link: string,
  set: "role_name = 'guest'" | 'is_active = false' | 'last_sync_at = now()',
  concerns: 'rows' | 'harmless',
): ApplicationAct {
  const key = postgresKey({ mongo_id: link });
  return {
    name: `changes ${what} in Postgres`,
    concerns,
    waitsIn: 'postgres',
    writes: [key],
    act: async ({ postgres }) => {
      const { rows: written } = await postgres.query<{ role_name: string; is_active: boolean }>(
        `UPDATE public.postgres_user_roles SET ${set} WHERE mongo_id = $1 RETURNING role_name, is_active`,
        [link],
      );
      const [row] = written;
      if (row === undefined || concerns === 'harmless') return NOTHING_LOST;
      return {
        lostFrom: ({ rows }) => {
          const found = rows.get(key);
          const kept =
            found?.['role_name'] === row.role_name && (row.is_active || found['is_active'] === 'f');
          return kept
            ? null
            : `${key} was written by the application, and is ${JSON.stringify(found ?? null)}`;
        },
      };
    },
  };
}

function deletesInPostgres(what: string, link: string): ApplicationAct {
  const key = postgresKey({ mongo_id: link });
  return {
    name: `deletes ${what} in Postgres`,
    concerns: 'rows',
    waitsIn: 'postgres',
    writes: [key],
    act: async ({ postgres }) => {
      const { rowCount } = await postgres.query(
        'DELETE FROM public.postgres_user_roles WHERE mongo_id = $1',
        [link],
      );
      if (rowCount === 0) return NOTHING_LOST;
      return { lostFrom: ({ rows }) => (rows.has(key) ? `${key} has come back` : null) };
    },
  };
}

function updatesInMongo(what: string, id: string, set: Readonly<Record<string, unknown>>): ApplicationAct {
  const key = mongoKey('user_roles', { $oid: id });
  return {
    name: `changes ${what} in MongoDB`,
    concerns: 'rows',
    waitsIn: 'mongo',
    writes: [key],
    act: async ({ mongo }) => {
      const filter = { _id: new ObjectId(id) };
      const { matchedCount } = await mongo.collection('user_roles').updateOne(filter, { $set: set });
      if (matchedCount === 0) return NOTHING_LOST;
      return {
        lostFrom: ({ rows }) => {
          const found = rows.get(key);
          const kept = Object.entries(set).every(([field, value]) => found?.[field] === value);
          return kept
            ? null
            : `${key} was written by the application, and is ${JSON.stringify(found ?? null)}`;
        },
      };
    },
  };
}

function deletesInMongo(what: string, id: string): ApplicationAct {
  const key = mongoKey('user_roles', { $oid: id });
  return {
    name: `deletes ${what} in MongoDB`,
    concerns: 'rows',
    waitsIn: 'mongo',
    writes: [key],
    act: async ({ mongo }) => {
      const { deletedCount } = await mongo.collection('user_roles').deleteOne({ _id: new ObjectId(id) });
      if (deletedCount === 0) return NOTHING_LOST;
      return { lostFrom: ({ rows }) => (rows.has(key) ? `${key} has come back` : null) };
    },
  };
}

function changesTeam(
  name: string,
  update: { $set: Readonly<Record<string, unknown>> },
  team: string,
): ApplicationAct {
  return {
    name,
    concerns: 'standing',
    waitsIn: null,
    writes: [mongoKey('teams', { $oid: team })],
    act: async ({ mongo }) => {
      await mongo.collection('teams').updateOne({ _id: new ObjectId(team) }, update);
      return NOTHING_LOST;
    },
  };
}

function deletesTeam(team: string): ApplicationAct {
  return {
    name: 'deletes the team',
    concerns: 'standing',
    waitsIn: null,
    writes: [mongoKey('teams', { $oid: team })],
    act: async ({ mongo }) => {
      await mongo.collection('teams').deleteOne({ _id: new ObjectId(team) });
      return NOTHING_LOST;
    },
  };
}

function removesMember(baseline: Dump, team: string): ApplicationAct {
  const entry = [...baseline.rows].find(
    ([key, row]) =>
      key.startsWith('user_team_details ') && row['user_id'] === member && row['team_id'] === team,
  );
  if (entry === undefined) throw new Error('there is no such member');
  return {
    name: 'removes a member',
    concerns: 'standing',
    waitsIn: null,
    writes: [entry[0]],
    act: async ({ mongo }) => {
      const filter = { user_id: member, team_id: team };
      await mongo.collection('user_team_details').updateOne(filter, { $set: { is_active: false } });
      return NOTHING_LOST;
    },
  };
}

function addsMember(
  what: string,
  user: string,
  id: string,
  concerns: 'standing' | 'harmless',
): ApplicationAct {
  const key = mongoKey('user_team_details', { $oid: id });
  return {
    name: `adds ${what} to the members`,
    concerns,
    waitsIn: null,
    writes: [key],
    act: async ({ mongo, team }) => {
      const membership = { _id: new ObjectId(id), user_id: user, team_id: team, is_active: true };
      await mongo.collection('user_team_details').insertOne(membership);
      return NOTHING_LOST;
    },
  };
}

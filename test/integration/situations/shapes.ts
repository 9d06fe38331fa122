import type { Stage } from '../apply/stage.js';
import { forEverySession, type Situation } from './situation.js';
import { U3 } from './small-teams.js';

const HELD = { teams: 'as planned', exit: 0 } as const;
/** Planning itself refuses. */
const REFUSED = { teams: 'as it was', exit: 1 } as const;

/** Gives every row, and whatever comes after, a number that is so much larger. */
function numbersFrom(first: string): string {
  return `ALTER TABLE postgres_user_roles ALTER id TYPE bigint;
    ALTER SEQUENCE postgres_user_roles_id_seq AS bigint;
    UPDATE postgres_user_roles SET id = id + ${first};
    SELECT setval('postgres_user_roles_id_seq', max(id)) FROM postgres_user_roles;`;
}

const WITHOUT_KEY = 'ALTER TABLE postgres_user_roles DROP CONSTRAINT postgres_user_roles_pkey;';

function roleOfType(type: string): string {
  return `ALTER TABLE postgres_user_roles ALTER role_name TYPE ${type} USING role_name::text::${type};`;
}

const ANYCASE = `CREATE COLLATION anycase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);`;

function idsOfType(type: string): string {
  return `ALTER TABLE postgres_user_roles ALTER user_id TYPE ${type}, ALTER team_id TYPE ${type}, ALTER mongo_id TYPE ${type};`;
}

/** A server without the extension has the collation instead. */
async function idsOfCitext({ databases: { pg } }: Stage): Promise<void> {
  const { rowCount } = await pg.query("SELECT FROM pg_available_extensions WHERE name = 'citext'");
  await pg.query(
    rowCount === 0
      ? `${ANYCASE} ${idsOfType('text COLLATE anycase')}`
      : `CREATE EXTENSION citext; ${idsOfType('citext')}`,
  );
}

function computed(what: string): string {
  return `ALTER TABLE postgres_user_roles DROP mongo_id,
    ADD mongo_id varchar(24) GENERATED ALWAYS AS (${what}) STORED;`;
}
const COMPUTED = {
  ...REFUSED,
  says: /the database computes mongo_id .*Map another column.*ALTER COLUMN "mongo_id" DROP EXPRESSION;/s,
};

/** Of a server that lets nobody write temporary files, with little memory and many rows. */
async function withoutTemporaryFiles(stage: Stage): Promise<void> {
  await stage.databases.pg.query(
    `INSERT INTO postgres_user_roles (user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
       SELECT lpad(n::text, 24, 'e'), 'member', 'TEAM', lpad(n::text, 24, 'f'), true, now(), 'system', now(), 'SYNCED'
         FROM generate_series(1, 2000) AS n`,
  );
  for (const setting of ['work_mem = 64', 'temp_file_limit = 0']) await forEverySession(stage, setting);
}

/** Types of columns, and what the table makes of texts and numbers. */
export const SHAPES: readonly Situation[] = [
  { name: 'smallint ids', given: 'ALTER TABLE postgres_user_roles ALTER id TYPE smallint', expected: HELD },
  { name: 'bigint ids beyond 2^31', given: numbersFrom('2147483600'), expected: HELD },
  { name: 'bigint ids beyond 2^53', given: numbersFrom('9007199254740990'), expected: HELD },
  { name: 'bigint ids close to 2^63', given: numbersFrom('9223372036854775000'), expected: HELD },
  {
    name: 'no unique key, and one id twice',
    given: `${WITHOUT_KEY} UPDATE postgres_user_roles SET id = 3 WHERE id = 4`,
    expected: { ...REFUSED, says: /postgres_user_roles.*several rows have the id 3/s },
  },
  {
    name: 'a unique key of some rows only, and one id twice',
    given: `${WITHOUT_KEY} CREATE UNIQUE INDEX ON postgres_user_roles (id) WHERE role_name = 'owner';
      UPDATE postgres_user_roles SET id = 3 WHERE id = 4`,
    expected: { ...REFUSED, says: /several rows have the id 3/ },
  },
  { name: 'no unique key, and every id once', given: WITHOUT_KEY, expected: HELD },
  {
    name: 'a column that is called as a query might call the row',
    given: `ALTER TABLE postgres_user_roles ADD r text DEFAULT 'x'`,
    expected: HELD,
  },
  {
    name: 'role names of an enumerated type',
    given: `CREATE TYPE role_kind AS ENUM ('admin', 'member', 'owner'); ${roleOfType('role_kind')}`,
    expected: HELD,
  },
  {
    name: 'role names of an enumerated type that lacks one',
    given: `CREATE TYPE role_kind AS ENUM ('admin', 'member'); ${roleOfType('role_kind')}`,
    expected: { ...REFUSED, says: /role_name cannot hold owner: "public"\."role_kind"/ },
  },
  {
    name: 'role names of an enumerated type that lacks two',
    given: `DELETE FROM postgres_user_roles WHERE role_name = 'admin';
      CREATE TYPE role_kind AS ENUM ('member'); ${roleOfType('role_kind')}`,
    expected: { ...REFUSED, says: /role_name cannot hold owner, admin: "public"\."role_kind"/ },
  },
  {
    name: 'role names of a domain over a domain over an enumerated type, and scopes of one',
    given: `CREATE TYPE role_kind AS ENUM ('admin', 'member', 'owner'); CREATE DOMAIN some_role AS role_kind;
      CREATE DOMAIN known_role AS some_role; ${roleOfType('known_role')}
      CREATE TYPE scope_kind AS ENUM ('TEAM', 'GLOBAL');
      ALTER TABLE postgres_user_roles ALTER scope TYPE scope_kind USING scope::text::scope_kind;`,
    expected: HELD,
  },
  {
    name: 'role names of a domain',
    given: `CREATE DOMAIN role_text AS varchar(20) CHECK (value = lower(value)); ${roleOfType('role_text')}`,
    expected: HELD,
  },
  {
    name: 'role names of a domain that refuses one',
    given: `CREATE DOMAIN role_text AS text CHECK (value IN ('admin', 'member')); ${roleOfType('role_text')}`,
    expected: { ...REFUSED, says: /role_name cannot hold owner: "public"\."role_text"/ },
  },
  {
    name: 'role names that are too long for their column',
    given: `DELETE FROM postgres_user_roles WHERE role_name = 'member'; ${roleOfType('varchar(5)')}`,
    expected: { ...REFUSED, says: /role_name cannot hold member: it takes 5 characters/ },
  },
  { name: 'ids to which other cases are equal, by their type', given: idsOfCitext, expected: HELD },
  {
    name: 'ids to which other cases are equal, by their collation',
    given: `${ANYCASE} ${idsOfType('varchar(24) COLLATE anycase')}`,
    expected: HELD,
  },
  {
    name: 'ids of a domain to which other cases are equal, by its collation',
    given: `${ANYCASE} CREATE DOMAIN folded AS text COLLATE anycase; ${idsOfType('folded')}`,
    expected: HELD,
  },
  {
    name: 'a collation to which other cases are equal',
    given: `${ANYCASE}
      ALTER TABLE postgres_user_roles ALTER role_name TYPE varchar(50) COLLATE anycase,
        ALTER scope TYPE varchar(20) COLLATE anycase;
      INSERT INTO postgres_user_roles (user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
        SELECT '${U3}', 'viewer', 'team', team_id, true, now(), 'system', now(), 'SYNCED' FROM postgres_user_roles GROUP BY team_id;`,
    expected: HELD,
  },
  {
    name: 'role names that are filled up with blanks',
    given: roleOfType('character(20)'),
    expected: { ...REFUSED, says: /role_name: of type character\(n\)/ },
  },
  {
    name: 'scopes that are filled up with blanks, of a domain',
    given: `CREATE DOMAIN padded AS character(10);
      ALTER TABLE postgres_user_roles ALTER scope TYPE padded USING scope::text::padded;`,
    expected: { ...REFUSED, says: /scope: of type character\(n\)/ },
  },
  {
    name: 'a link that the database computes',
    given: computed("lpad(id::text, 24, '0')"),
    expected: COMPUTED,
  },
  { name: 'a link that the database computes as null', given: computed('NULL'), expected: COMPUTED },
  {
    name: 'a link that the database computes, since the plan was made',
    meanwhile: computed('NULL'),
    expected: COMPUTED,
  },
  {
    name: 'the state of synchronisation, which the database computes',
    given: `ALTER TABLE postgres_user_roles DROP sync_status,
      ADD sync_status varchar(20) NOT NULL GENERATED ALWAYS AS ('SYNCED') STORED`,
    expected: HELD,
  },
  {
    name: 'more rows than memory and temp_file_limit allow to sort',
    given: withoutTemporaryFiles,
    expected: { ...REFUSED, says: /^reading PostgreSQL at .*temp_file_limit.*work_mem.*--shard/s },
  },
  {
    name: 'int ids that have reached 2^31',
    given: `SELECT setval('postgres_user_roles_id_seq', 2147483647)`,
    expected: {
      teams: 'as it was',
      exit: 5,
      says: /reached maximum value of sequence.*postgres_user_roles_id_seq/,
    },
  },
];

import pg from 'pg';
import type { Op } from '../../model/change.js';
import type { Mapping } from '../../model/mapping.js';
import type { MissingPrivilege } from '../privilege.js';
import { NEEDED_BY_DEFAULT, qualifiedName } from './catalog.js';
import type { PostgresReader, PostgresReading } from './transaction.js';

export interface PostgresRights {
  readonly grantee: string;
  readonly usage: boolean;
  readonly deletes: boolean;
  /** Locking a row takes the right to alter one of its columns. */
  readonly locks: boolean;
  /** A policy hides rows from this user: we treat that as an error, never as missing rows. */
  readonly filtered: boolean;
  readonly columns: readonly {
    readonly name: string;
    readonly generated: boolean;
    readonly selects: boolean;
    readonly inserts: boolean;
    readonly updates: boolean;
  }[];
  /** Sequences that fill `columns` of new rows. An identity's own sequence needs no privilege. */
  readonly sequences: readonly {
    readonly schema: string;
    readonly name: string;
    readonly columns: readonly string[];
    readonly usable: boolean;
  }[];
  /** The `FUNCTIONS` that the user may not call. */
  readonly uncallable: readonly string[];
}

/** `name` is for people: `SELECT on public.postgres_user_roles`. */
export interface PostgresPrivilege extends MissingPrivilege {
  readonly held: boolean;
}

export interface PostgresWrites {
  readonly ops: ReadonlySet<Op>;
  readonly columns: ReadonlySet<string>;
}

/** What `plan` and `apply` call. Everybody may, unless an administrator has revoked that. */
const FUNCTIONS = {
  plan: ['pg_control_system()'],
  apply: [
    'pg_advisory_lock(integer, integer)',
    'pg_advisory_unlock(integer, integer)',
    'pg_advisory_lock_shared(integer, integer)',
    'pg_advisory_unlock_shared(integer, integer)',
    'pg_advisory_lock_shared(bigint)',
    'pg_try_advisory_lock(bigint)',
  ],
} as const;

/** Reads the catalog only, with superusers, granted roles and single columns. Null if there is no table. */
export async function readPostgresRights(
  { client }: PostgresReading,
  { postgres: { schema, table } }: Mapping,
): Promise<PostgresRights | null> {
  const { rows } = await client.query<PostgresRights>(
    `SELECT current_user::text AS grantee, has_schema_privilege(c.relnamespace, 'USAGE') AS usage,
            has_table_privilege(c.oid, 'DELETE') AS deletes, has_any_column_privilege(c.oid, 'UPDATE') AS locks,
            row_security_active(c.oid) AS filtered,
            (SELECT coalesce(json_agg(json_build_object(
                      'name', a.attname, 'generated', coalesce(to_jsonb(a) ->> 'attgenerated', '') <> '',
                      'selects', has_column_privilege(a.attrelid, a.attnum, 'SELECT'),
                      'inserts', has_column_privilege(a.attrelid, a.attnum, 'INSERT'),
                      'updates', has_column_privilege(a.attrelid, a.attnum, 'UPDATE')) ORDER BY a.attnum), '[]')
               FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
            (SELECT coalesce(json_agg(used ORDER BY used.schema, used.name), '[]') FROM (
               SELECT n.nspname AS schema, s.relname AS name, json_agg(a.attname) AS columns,
                      -- A condition alone might be tried on the table itself first, which is an error.
                      CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'USAGE, UPDATE') END AS usable
                 FROM pg_attrdef AS f
                 JOIN pg_attribute AS a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
                 JOIN ${NEEDED_BY_DEFAULT}
                 JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
                 JOIN pg_namespace AS n ON n.oid = s.relnamespace
                WHERE f.adrelid = c.oid GROUP BY s.oid, n.nspname, s.relname, s.relkind) AS used) AS sequences,
            ARRAY(SELECT signature FROM unnest($3::text[]) WITH ORDINALITY AS needed (signature, position)
                   WHERE has_function_privilege(to_regprocedure('pg_catalog.' || signature)::oid, 'EXECUTE') IS NOT TRUE
                   ORDER BY position) AS uncallable
       FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2`,
    [schema, table, Object.values(FUNCTIONS).flat()],
  );
  return rows[0] ?? null;
}

/** What the user lacks of what is needed; nothing where there is no table, which others say better. */
export async function missingInPostgres(
  postgres: PostgresReader,
  mapping: Mapping,
  needed: (rights: PostgresRights) => readonly PostgresPrivilege[],
): Promise<MissingPrivilege[]> {
  const rights = await postgres.read((reading) => readPostgresRights(reading, mapping));
  return rights === null ? [] : needed(rights).filter(({ held }) => !held);
}

/** What every reading command needs. */
export function neededToRead(rights: PostgresRights, mapping: Mapping): PostgresPrivilege[] {
  const { schema, table } = mapping.postgres;
  const { grantee, usage, filtered, columns } = rights;
  const unseen = columns.filter(({ selects }) => !selects);
  const bypassing: PostgresPrivilege = {
    name: `BYPASSRLS, for ${schema}.${table} has row-level security`,
    held: false,
    grants: [`ALTER ROLE ${pg.escapeIdentifier(grantee)} BYPASSRLS;`],
  };
  return [
    {
      name: `USAGE of the schema ${schema}`,
      held: usage,
      grants: [`GRANT USAGE ON SCHEMA ${pg.escapeIdentifier(schema)} ${toGrantee(rights)}`],
    },
    onTable('SELECT', unseen, columns, rights, mapping),
    ...(filtered ? [bypassing] : []),
    ...missingFunctions('plan', rights),
  ];
}

/** What writing needs besides. @param writes `all`: everything that `apply` might write */
export function neededToWrite(
  rights: PostgresRights,
  mapping: Mapping,
  writes: PostgresWrites | 'all',
): PostgresPrivilege[] {
  const { columns, locks, deletes, sequences } = rights;
  const { active, lastSyncAt } = mapping.postgres.columns;
  const does = (...ops: Op[]): boolean => writes === 'all' || ops.some((op) => writes.ops.has(op));
  const brings = (column: string): boolean => writes === 'all' || writes.columns.has(column);
  const altered = columns.filter(({ name }) => name === active || name === lastSyncAt);
  const unalterable = does('deactivate', 'reactivate') ? altered.filter(({ updates }) => !updates) : [];
  const update = unalterable.length > 0 || locks ? unalterable : altered;
  const needed: PostgresPrivilege[] = [];
  if (does('insert')) {
    const brought = columns.filter(({ name, generated }) => !generated && brings(name));
    const refused = brought.filter(({ inserts }) => !inserts);
    needed.push(onTable('INSERT', refused, brought, rights, mapping));
  }
  needed.push(onTable('UPDATE', update, null, rights, mapping, ` of ${active} and ${lastSyncAt}`));
  if (does('delete')) needed.push(onTable('DELETE', deletes ? [] : columns, columns, rights, mapping));
  if (does('insert'))
    for (const { schema, name, columns: takers, usable } of sequences)
      if (writes === 'all' || !takers.every(brings))
        needed.push({
          name: `USAGE of the sequence ${schema}.${name}`,
          held: usable,
          grants: [`GRANT USAGE ON SEQUENCE ${qualifiedName(schema, name)} ${toGrantee(rights)}`],
        });
  // An apply may need only some of these functions: each call meets its own refusal.
  if (writes === 'all') needed.push(...missingFunctions('apply', rights));
  return needed;
}

/** @param all if all of these are missing, the statement grants the whole table; null: it never does */
function onTable(
  right: string,
  missing: PostgresRights['columns'],
  all: PostgresRights['columns'] | null,
  rights: PostgresRights,
  { postgres: { schema, table } }: Mapping,
  only = '',
): PostgresPrivilege {
  const list = missing.map(({ name }) => pg.escapeIdentifier(name)).join(', ');
  const columns = missing.length === all?.length ? '' : ` (${list})`;
  return {
    name: `${right}${only} on ${schema}.${table}`,
    held: missing.length === 0,
    grants: [`GRANT ${right}${columns} ON TABLE ${qualifiedName(schema, table)} ${toGrantee(rights)}`],
  };
}

/** Lists only missing ones: normally everybody may call them. */
function missingFunctions(purpose: keyof typeof FUNCTIONS, rights: PostgresRights): PostgresPrivilege[] {
  const missing = FUNCTIONS[purpose].filter((signature) => rights.uncallable.includes(signature));
  return missing.map((signature) => ({
    name: `EXECUTE of ${signature}`,
    held: false,
    grants: [`GRANT EXECUTE ON FUNCTION pg_catalog.${signature} ${toGrantee(rights)}`],
  }));
}

function toGrantee({ grantee }: PostgresRights): string {
  return `TO ${pg.escapeIdentifier(grantee)};`;
}

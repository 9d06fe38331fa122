import pg from 'pg';
import type { Mapping } from '../../model/mapping.js';
import { grantOnTable, NEEDED_BY_DEFAULT, sequenceUsage, toRole } from './grants.js';
import type { PostgresReading } from './transaction.js';
import { qualifiedName } from './qualified-name.js';

/** Something that the user has to be allowed. */
export interface PostgresPrivilege {
  /** What `plan` needs, `apply` needs too. */
  readonly neededBy: 'plan' | 'apply';
  /** For people: `SELECT on public.postgres_user_roles`. */
  readonly name: string;
  readonly state: 'held' | 'missing';
  /** The statement that gives what is missing of it, and no more. */
  readonly grant: string;
}

interface HeldRow {
  readonly oid: string;
  readonly grantee: string;
  readonly usage: boolean;
  readonly unreadable: string[];
  readonly uninsertable: string[];
  readonly unalterable: string[];
  readonly columns: number;
  readonly insertable: number;
  readonly deletes: boolean;
  readonly filtered: boolean;
}

/** What `plan` and `apply` call; everybody may, unless somebody took that away. */
const FUNCTIONS: readonly (readonly [PostgresPrivilege['neededBy'], string])[] = [
  ['plan', 'pg_control_system()'],
  ['apply', 'pg_advisory_lock(integer, integer)'],
  ['apply', 'pg_advisory_unlock(integer, integer)'],
  ['apply', 'pg_advisory_lock_shared(integer, integer)'],
  ['apply', 'pg_advisory_unlock_shared(integer, integer)'],
  ['apply', 'pg_advisory_lock_shared(bigint)'],
  ['apply', 'pg_try_advisory_lock(bigint)'],
];

/** Compares what the user may do with what `plan` and `apply` do, by the catalog: nothing is tried. Null: there is no table. */
export async function readPostgresPrivileges(
  { client }: PostgresReading,
  mapping: Mapping,
): Promise<PostgresPrivilege[] | null> {
  const { schema, table, columns } = mapping.postgres;
  // `array_remove(array_agg(…), NULL)` is an empty list, where a filter would give null.
  const { rows } = await client.query<HeldRow>(
    `SELECT c.oid::text AS oid, current_user::text AS grantee, has_schema_privilege(c.relnamespace, 'USAGE') AS usage,
            has_table_privilege(c.oid, 'DELETE') AS deletes, row_security_active(c.oid) AS filtered, held.*
       FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace, LATERAL (
         SELECT array_remove(array_agg(CASE WHEN NOT may_select THEN name END), NULL) AS unreadable,
                array_remove(array_agg(CASE WHEN NOT may_insert AND plain THEN name END), NULL) AS uninsertable,
                array_remove(array_agg(CASE WHEN NOT may_update AND name = ANY ($2::text[]) THEN name END), NULL) AS unalterable,
                count(*)::int4 AS columns, count(*) FILTER (WHERE plain)::int4 AS insertable
           FROM (SELECT a.attname::text AS name, coalesce(to_jsonb(a) ->> 'attgenerated', '') = '' AS plain,
                        has_column_privilege(a.attrelid, a.attnum, 'SELECT') AS may_select,
                        has_column_privilege(a.attrelid, a.attnum, 'INSERT') AS may_insert,
                        has_column_privilege(a.attrelid, a.attnum, 'UPDATE') AS may_update
                   FROM pg_attribute AS a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                  ORDER BY a.attnum) AS each) AS held
      WHERE n.nspname = $1 AND c.relname = $3`,
    [schema, [columns.active, columns.lastSyncAt], table],
  );
  const [held] = rows;
  if (held === undefined) return null;
  const name = `${schema}.${table}`;
  const target = qualifiedName(schema, table);
  const to = toRole(held.grantee);
  const onTable = (
    neededBy: PostgresPrivilege['neededBy'],
    right: string,
    missing: readonly string[],
    all: number | null,
    only = '',
  ): PostgresPrivilege => ({
    neededBy,
    name: `${right}${only} on ${name}`,
    state: missing.length === 0 ? 'held' : 'missing',
    grant: grantOnTable(right, missing.length === all ? [] : missing, target, to),
  });
  return [
    {
      neededBy: 'plan',
      name: `USAGE of the schema ${schema}`,
      state: held.usage ? 'held' : 'missing',
      grant: `GRANT USAGE ON SCHEMA ${pg.escapeIdentifier(schema)} ${to}`,
    },
    onTable('plan', 'SELECT', held.unreadable, held.columns),
    ...(held.filtered ? [bypassingRowSecurity(name, held.grantee)] : []),
    onTable('apply', 'INSERT', held.uninsertable, held.insertable),
    onTable('apply', 'UPDATE', held.unalterable, null, ` of ${columns.active} and ${columns.lastSyncAt}`),
    {
      neededBy: 'apply',
      name: `DELETE on ${name}`,
      state: held.deletes ? 'held' : 'missing',
      grant: grantOnTable('DELETE', [], target, to),
    },
    ...(await sequencePrivileges(client, held.oid, to)),
    ...(await functionPrivileges(client, to)),
  ];
}

/** Rows that a policy hides are an error to us, not rows that are silently missing. */
function bypassingRowSecurity(table: string, grantee: string): PostgresPrivilege {
  return {
    neededBy: 'plan',
    name: `BYPASSRLS, for ${table} has row-level security`,
    state: 'missing',
    grant: `ALTER ROLE ${pg.escapeIdentifier(grantee)} BYPASSRLS;`,
  };
}

/** New rows take what they do not bring along from these. An identity column's own sequence needs no privilege. */
async function sequencePrivileges(
  client: PostgresReading['client'],
  tableOid: string,
  to: string,
): Promise<PostgresPrivilege[]> {
  const { rows } = await client.query<{ schema: string; name: string; usable: boolean }>(
    `SELECT DISTINCT n.nspname::text AS schema, s.relname::text AS name,
            has_sequence_privilege(s.oid, 'USAGE, UPDATE') AS usable
       FROM pg_attrdef AS f
       JOIN ${NEEDED_BY_DEFAULT}
       JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
       JOIN pg_namespace AS n ON n.oid = s.relnamespace
      WHERE f.adrelid = $1::oid ORDER BY 1, 2`,
    [tableOid],
  );
  return rows.map(({ schema, name, usable }) => ({
    neededBy: 'apply',
    state: usable ? 'held' : 'missing',
    ...sequenceUsage(schema, name, to),
  }));
}

/** Only those that are missing: that everybody may call them goes without saying. */
async function functionPrivileges(
  client: PostgresReading['client'],
  to: string,
): Promise<PostgresPrivilege[]> {
  const { rows } = await client.query<{ position: number }>(
    `SELECT position::int4 AS position FROM unnest($1::text[]) WITH ORDINALITY AS needed (signature, position)
      WHERE has_function_privilege(to_regprocedure('pg_catalog.' || signature)::oid, 'EXECUTE') IS NOT TRUE
      ORDER BY position`,
    [FUNCTIONS.map(([, signature]) => signature)],
  );
  return rows.flatMap(({ position }): PostgresPrivilege[] => {
    const needed = FUNCTIONS[position - 1];
    if (needed === undefined) return [];
    const [neededBy, signature] = needed;
    return [
      {
        neededBy,
        name: `EXECUTE of ${signature}`,
        state: 'missing',
        grant: `GRANT EXECUTE ON FUNCTION pg_catalog.${signature} ${to}`,
      },
    ];
  });
}

import type { Op } from '../../model/change.js';
import type { Mapping } from '../../model/mapping.js';
import type { MissingPrivilege } from '../missing-privilege.js';
import { grantOnTable, NEEDED_BY_DEFAULT, sequenceUsage, toRole } from './grants.js';
import type { PostgresReading } from './transaction.js';
import { qualifiedName } from './qualified-name.js';

/** What is going to be written to the role table. */
export interface PostgresWrites {
  readonly ops: ReadonlySet<Op>;
  /** Columns that new rows bring a value for. */
  readonly columns: ReadonlySet<string>;
}

interface MissingRow {
  readonly grantee: string;
  readonly kind: 'insert' | 'update' | 'delete' | 'lock' | 'sequence';
  /** The column or the sequence. */
  readonly name: string;
  /** The schema of the sequence. */
  readonly place: string;
}

/**
 * What of just these writes the user may not do, asked of the catalog in one query: superusers, roles that were granted
 * to the user and privileges on single columns count as they do for the writes themselves.
 */
export async function missingPostgresPrivileges(
  { client }: PostgresReading,
  mapping: Mapping,
  tableOid: number,
  { ops, columns }: PostgresWrites,
): Promise<MissingPrivilege[]> {
  const { schema, table, columns: mapped } = mapping.postgres;
  const altered = [mapped.active, mapped.lastSyncAt];
  const alters = ops.has('deactivate') || ops.has('reactivate');
  const { rows } = await client.query<MissingRow>(
    `WITH c AS (
       SELECT a.attname::text AS name, a.attnum AS number FROM pg_attribute AS a
        WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped
          AND coalesce(to_jsonb(a) ->> 'attgenerated', '') = '')
     SELECT current_user::text AS grantee, missing.* FROM (
       SELECT 'insert' AS kind, name, '' AS place FROM c
        WHERE $2::bool AND name = ANY ($3::text[]) AND NOT has_column_privilege($1::oid, number, 'INSERT')
       UNION ALL
       SELECT 'update', name, '' FROM c
        WHERE $4::bool AND name = ANY ($5::text[]) AND NOT has_column_privilege($1::oid, number, 'UPDATE')
       UNION ALL
       -- Rows are locked before they are judged, and to lock one takes the right to alter something in it.
       SELECT 'lock', '', '' WHERE NOT has_any_column_privilege($1::oid, 'UPDATE')
       UNION ALL
       SELECT 'delete', '', '' WHERE $6::bool AND NOT has_table_privilege($1::oid, 'DELETE')
       UNION ALL
       -- Only what a new row does not bring along is taken from its sequence.
       SELECT DISTINCT 'sequence', s.relname::text, n.nspname::text
         FROM c
         JOIN pg_attrdef AS f ON f.adrelid = $1::oid AND f.adnum = c.number
         JOIN ${NEEDED_BY_DEFAULT}
         JOIN pg_class AS s ON s.oid = d.refobjid AND s.relkind = 'S'
         JOIN pg_namespace AS n ON n.oid = s.relnamespace
        WHERE $2::bool AND c.name <> ALL ($3::text[])
          -- A condition alone might be tried on the table itself first, which is an error.
          AND CASE WHEN s.relkind = 'S' THEN NOT has_sequence_privilege(s.oid, 'USAGE, UPDATE') END) AS missing`,
    [tableOid, ops.has('insert'), [...columns], alters, altered, ops.has('delete')],
  );
  const [first] = rows;
  if (first === undefined) return [];
  const to = toRole(first.grantee);
  const of = (kind: MissingRow['kind']): MissingRow[] => rows.filter((row) => row.kind === kind);
  const onTable = (right: string, names: readonly string[], all: number | null): MissingPrivilege => ({
    name: `${right} on ${schema}.${table}`,
    grant: grantOnTable(right, names.length === all ? [] : names, qualifiedName(schema, table), to),
  });
  const [inserts, updates] = [of('insert'), of('update')].map((found) => found.map(({ name }) => name));
  const missing: MissingPrivilege[] = [];
  if (inserts !== undefined && inserts.length > 0) missing.push(onTable('INSERT', inserts, columns.size));
  if (updates !== undefined && updates.length > 0) missing.push(onTable('UPDATE', updates, null));
  else if (of('lock').length > 0) missing.push(onTable('UPDATE', altered, null));
  if (of('delete').length > 0) missing.push(onTable('DELETE', [], 0));
  for (const { name, place } of of('sequence')) missing.push(sequenceUsage(place, name, to));
  return missing;
}

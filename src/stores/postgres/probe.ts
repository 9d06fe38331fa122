import pg from 'pg';
import type { ContainerShape, ValueKind } from '../../model/shape.js';
import { FieldTally } from '../field-tally.js';
import { BASE_TYPE } from './catalog.js';
import { queryTexts } from './role-table.js';
import type { PostgresReader } from './transaction.js';
import { readFailure } from '../read-failure.js';

const LOOKED_AT = 50;

interface ColumnRow {
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly kind: ValueKind;
}

/**
 * Looks at every ordinary table that this user may read: its columns, and where those could be roles, a few rows.
 *
 * @throws {Failure} operational: PostgreSQL cannot be read
 */
export async function probePostgres(postgres: PostgresReader): Promise<ContainerShape[]> {
  try {
    const { rows } = await postgres.read(({ client }) =>
      client.query<ColumnRow>(
        `SELECT n.nspname::text AS schema, c.relname::text AS table, a.attname::text AS column,
              CASE WHEN base.type = 'bool'::regtype THEN 'boolean'
                   WHEN base.type IN ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) THEN 'time'
                   WHEN base.type IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) THEN 'integer'
                   WHEN base.type IN ('text'::regtype, 'varchar'::regtype, 'bpchar'::regtype) THEN 'text'
                   ELSE 'other' END AS kind
         FROM pg_class AS c
         JOIN pg_namespace AS n ON n.oid = c.relnamespace
         JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
         ${BASE_TYPE}
        WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
          AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
          AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
        ORDER BY n.nspname::text COLLATE "C", c.relname::text COLLATE "C", a.attnum`,
      ),
    );
    const tables = new Map<string, ColumnRow[]>();
    for (const row of rows) {
      const key = JSON.stringify([row.schema, row.table]);
      const columns = tables.get(key);
      if (columns) columns.push(row);
      else tables.set(key, [row]);
    }
    const shapes: ContainerShape[] = [];
    for (const columns of tables.values()) shapes.push(await shapeOf(postgres, columns));
    return shapes;
  } catch (error) {
    throw readFailure(error, 'PostgreSQL', postgres.address);
  }
}

async function shapeOf(postgres: PostgresReader, columns: readonly ColumnRow[]): Promise<ContainerShape> {
  const [first] = columns;
  if (first === undefined) throw new Error('a table without columns');
  const texts = columns.filter(({ kind }) => kind === 'text').map(({ column }) => column);
  const tally = new FieldTally();
  if (couldBeRoles(columns)) {
    const list = texts.map((column) => pg.escapeIdentifier(column)).join(', ');
    const table = `${pg.escapeIdentifier(first.schema)}.${pg.escapeIdentifier(first.table)}`;
    // What may not be read (a policy on rows, for one) is guessed from the columns alone.
    const rows = await postgres
      .read(({ client }) => queryTexts(client, `SELECT ${list} FROM ${table} LIMIT ${LOOKED_AT}`, []))
      .catch(() => []);
    for (const row of rows) {
      for (const [index, text] of row.entries()) if (text !== null) tally.addText(texts[index] ?? '', text);
    }
  }
  for (const { column, kind } of columns) if (!tally.has(column)) tally.add(column, kind);
  const found = new Map(tally.shapes().map((field) => [field.name, field]));
  const fields = columns.flatMap(({ column }) => found.get(column) ?? []);
  return { schema: first.schema, name: first.table, fields };
}

/** Whose role in what, active or not, since when: what a role table has at the least. */
function couldBeRoles(columns: readonly ColumnRow[]): boolean {
  const count = (kind: ValueKind): number => columns.filter((column) => column.kind === kind).length;
  return count('text') >= 3 && count('boolean') >= 1 && count('time') >= 1;
}

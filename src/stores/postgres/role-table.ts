import { createHash } from 'node:crypto';
import type pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { PostgresImage } from '../../model/decision.js';
import type { LivePostgresRow } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { serialId, type IdType } from '../../model/id.js';
import { idWidth, type IdWidths } from '../id-widths.js';
import { readIdKey, type IdKey } from './id-key.js';
import { readAttachments, type PostgresAttachments } from './attachments.js';
import { qualifiedName, rowsOf } from './catalog.js';
import { readTable, type TableColumn } from './table.js';
import { refuseUnusableColumns } from './unusable-columns.js';

/** The columns that the mapping names, by what they are for. */
export type ColumnKey = keyof Mapping['postgres']['columns'];

/** The role table as statements name it; everything is quoted by the driver. */
export interface PostgresRoleTable {
  /** `"schema"."table"`. */
  readonly name: string;
  /** The same as a source of rows: without those of tables that inherit from it, but with those of its partitions. */
  readonly rows: string;
  readonly attachments: PostgresAttachments;
  /** As the mapping names schema, table and columns. */
  readonly mapped: Mapping['postgres'];
  /** What counts as an id. */
  readonly ids: IdType;
  /** The mapped columns, quoted. */
  readonly quoted: Readonly<Record<ColumnKey, string>>;
  /**
   * The mapped columns of `r` as text that equals only itself: without a type or a collation to which different texts are
   * equal, and for enumerated types in place of their labels.
   */
  readonly exact: Readonly<Record<ColumnKey, string>>;
  /** Every column of the table, in the table's own order. */
  readonly columns: readonly string[];
  /** Those that the database computes: they are read, but cannot be written. */
  readonly generated: ReadonlySet<string>;
  /** Those that the database fills up with blanks. */
  readonly padded: ReadonlySet<string>;
  readonly idWidths: IdWidths;
  /** What numbers rows, and refuses a number twice. */
  readonly idKey: IdKey;
  /** The same, quoted, qualified with `r`, separated by commas, and without what depends on a session's search path. */
  readonly columnList: string;
  /** What values a role can have. */
  readonly roleType: RoleType;
  /** Where each mapped column stands in `columns`. */
  readonly position: Readonly<Record<ColumnKey, number>>;
}

/** A row as the database's own text output, in the order of `columns`. */
export type PostgresTexts = readonly (string | null)[];

/** The type of the column of roles, where it takes some texts only. */
export interface RoleType {
  /** Quoted, with its schema; null where every text of the length will do. */
  readonly name: string | null;
  /** In characters; null: any. */
  readonly length: number | null;
}

/** What the mapped columns have to be so that they can be compared and put back; doctor says what they should be. */
const FIT = {
  number: ['int2', 'int4', 'int8'],
  text: ['varchar', 'text', 'bpchar', 'citext', 'name'],
  truth: ['bool'],
};
const COMPARED: readonly (readonly [ColumnKey, keyof typeof FIT])[] = [
  ['id', 'number'],
  ['mongoId', 'text'],
  ['user', 'text'],
  ['team', 'text'],
  ['role', 'text'],
  ['scope', 'text'],
  ['active', 'truth'],
];

/** Leaves every value in the server's text output. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/**
 * Asks for the table's columns.
 *
 * @throws Failure (operational) naming every mapped column that the table lacks, or one that cannot be written down
 */
export async function describeRoleTable(client: pg.Client, mapping: Mapping): Promise<PostgresRoleTable> {
  const { schema, table, columns: mapped } = mapping.postgres;
  const name = qualifiedName(schema, table);
  const found = await readTable(client, mapping);
  const rows = found?.columns ?? [];
  const columns = rows.map((row) => row.name);
  const missing = Object.values(mapped).filter((column) => !columns.includes(column));
  if (found === null || missing.length > 0) {
    throw new Failure('operational', {
      doing: `reading the columns of the Postgres table ${schema}.${table}`,
      problem: found === null ? 'there is no such table' : `it lacks ${missing.join(', ')}`,
      next: 'Correct the mapping in fix-roles.config.json, or connect to the right database.',
    });
  }
  refuseUnusableColumns(name, rows, mapped);
  const unfit = COMPARED.flatMap(([key, kind]) => {
    const row = rows.find((one) => one.name === mapped[key]);
    const named = kind === 'text' && (key === 'role' || key === 'scope') && row?.equality === 'label';
    return row === undefined || named || FIT[kind].includes(row.base)
      ? []
      : [`${row.name} is ${row.typeName}, not ${FIT[kind].slice(0, 3).join(' or ')}`];
  });
  if (unfit.length > 0) {
    throw new Failure('operational', {
      doing: `reading the columns of the Postgres table ${schema}.${table}`,
      problem: unfit.join('; '),
      next: 'Correct the type of the column, or map another one in fix-roles.config.json.',
    });
  }
  const each = <T>(valueOf: (column: string) => T): Record<ColumnKey, T> => ({
    id: valueOf(mapped.id),
    mongoId: valueOf(mapped.mongoId),
    user: valueOf(mapped.user),
    role: valueOf(mapped.role),
    scope: valueOf(mapped.scope),
    team: valueOf(mapped.team),
    active: valueOf(mapped.active),
    createdAt: valueOf(mapped.createdAt),
    createdBy: valueOf(mapped.createdBy),
    lastSyncAt: valueOf(mapped.lastSyncAt),
    syncStatus: valueOf(mapped.syncStatus),
    syncError: valueOf(mapped.syncError),
  });
  return {
    name,
    rows: rowsOf(name, found.kind),
    mapped: mapping.postgres,
    ids: mapping.ids,
    attachments: await readAttachments(client, found.oid),
    quoted: each((column) => client.escapeIdentifier(column)),
    columns,
    generated: new Set(rows.filter((row) => row.given === 'generated').map((row) => row.name)),
    padded: new Set(rows.filter((row) => row.padded).map((row) => row.name)),
    idWidths: {
      user: widthOf(mapped.user, rows),
      team: widthOf(mapped.team, rows),
      link: widthOf(mapped.mongoId, rows),
    },
    idKey: await readIdKey(client, mapping),
    exact: each((column) => exactly(client, column, rows)),
    columnList: rows.map((row) => inText(client, row)).join(', '),
    roleType: roleTypeOf(mapped.role, rows),
    position: each((column) => columns.indexOf(column)),
  };
}

function widthOf(column: string, rows: readonly TableColumn[]): number {
  return idWidth(rows.find(({ name }) => name === column)?.length ?? null);
}

function exactly(client: pg.Client, column: string, rows: readonly TableColumn[]): string {
  const name = `r.${client.escapeIdentifier(column)}`;
  switch (rows.find((row) => row.name === column)?.equality) {
    case 'label':
      return `${name}::pg_catalog.text`;
    case 'folded':
      return `${name}::pg_catalog.text COLLATE pg_catalog."C"`;
    default:
      // As it is, or no index would be of use.
      return name;
  }
}

/** As numbers, what is named otherwise under each search path: they mean the same in every session. */
function inText(client: pg.Client, { name, naming }: TableColumn): string {
  const column = `r.${client.escapeIdentifier(name)}`;
  const casts = { none: '', value: '::pg_catalog.oid', array: '::pg_catalog.oid[]' };
  return `${column}${casts[naming]}`;
}

function roleTypeOf(column: string, rows: readonly TableColumn[]): RoleType {
  const row = rows.find(({ name }) => name === column);
  if (row === undefined) return { name: null, length: null };
  const name = qualifiedName(row.typeSchema, row.typeName);
  return { name: row.choosy ? name : null, length: row.length };
}

/** `prepared`: the connection runs the same statement again and again, and the server parses it once. */
export type Repetition = 'once' | 'prepared';

/** Runs a statement that returns `columnList`, and gives each row in the server's own text output. */
export async function queryTexts(
  client: pg.Client,
  text: string,
  values: readonly unknown[],
  repetition: Repetition = 'once',
): Promise<PostgresTexts[]> {
  const { rows } = await client.query<(string | null)[]>({
    ...(repetition === 'prepared' && { name: statementName(text) }),
    text,
    values: [...values],
    rowMode: 'array',
    types: AS_TEXT,
  });
  return rows;
}

/** There are as few as there are kinds of statements. */
const statementNames = new Map<string, string>();

/** A name that no other statement has. */
export function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `fix-roles ${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  statementNames.set(text, name);
  return name;
}

/** The whole row as it stands in plans and receipts. */
export function postgresImage(table: PostgresRoleTable, texts: PostgresTexts): PostgresImage {
  return Object.fromEntries(table.columns.map((column, index) => [column, texts[index] ?? null]));
}

/** Reads what decisions depend on, as text: a malformed id equals no planned one. */
export function livePostgresRow(table: PostgresRoleTable, texts: PostgresTexts): LivePostgresRow {
  const text = (key: ColumnKey): string | null => texts[table.position[key]] ?? null;
  return {
    store: 'postgres',
    // What is no id equals none of a plan.
    id: serialId(text('id')) ?? '',
    link: text('mongoId'),
    idForm: null,
    user: text('user'),
    team: text('team'),
    role: text('role'),
    scope: text('scope'),
    active: text('active') === 't',
    image: () => postgresImage(table, texts),
  };
}

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

export type ColumnKey = keyof Mapping['postgres']['columns'];

/** The role table in the words of statements, with all names quoted. */
export interface PostgresRoleTable {
  readonly name: string;
  /** A source of its rows: with partitions, without tables that inherit from it. */
  readonly rows: string;
  readonly attachments: PostgresAttachments;
  readonly mapped: Mapping['postgres'];
  readonly ids: IdType;
  readonly quoted: Readonly<Record<ColumnKey, string>>;
  /** The mapped columns of `r` as texts that equal only themselves, whatever type or collation they have. */
  readonly exact: Readonly<Record<ColumnKey, string>>;
  /** Every column, in the table's own order. */
  readonly columns: readonly string[];
  /** Computed by the database: these columns are read, but cannot be written. */
  readonly generated: ReadonlySet<string>;
  readonly padded: ReadonlySet<string>;
  readonly idWidths: IdWidths;
  readonly idKey: IdKey;
  /** `columns` quoted and qualified with `r`, in a text form that no search path changes. */
  readonly columnList: string;
  readonly roleType: RoleType;
  readonly position: Readonly<Record<ColumnKey, number>>;
}

/** A row in the database's own text output, in the order of `columns`. */
export type PostgresTexts = readonly (string | null)[];

export interface RoleType {
  /** Quoted, with its schema; null if it takes every text of that length. */
  readonly name: string | null;
  /** In characters; null: unlimited. */
  readonly length: number | null;
}

/** The types in which mapped columns can be compared and put back; doctor says what they should be. */
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

/** @throws Failure (operational) naming every mapped column that is missing, or one that cannot be written down */
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
      // A cast would keep the server from using an index.
      return name;
  }
}

/** Reads names that depend on the search path as oids, which mean the same in every session. */
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

/** `prepared`: the server parses the statement once for the whole connection. */
export type Repetition = 'once' | 'prepared';

/** Words a statement once for a table: every team repeats it. */
export function forTable(words: (table: PostgresRoleTable) => string): (table: PostgresRoleTable) => string {
  const known = new WeakMap<PostgresRoleTable, string>();
  return (table) => {
    const text = known.get(table) ?? words(table);
    known.set(table, text);
    return text;
  };
}

/** Runs a statement and returns its rows in the server's own text output. */
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

/** Its size is bounded by the number of statement kinds. */
const statementNames = new Map<string, string>();

/** The same name for the same text, and for no other. */
export function statementName(text: string): string {
  const known = statementNames.get(text);
  if (known !== undefined) return known;
  const name = `fix-roles ${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
  statementNames.set(text, name);
  return name;
}

/** The whole row as plans and receipts hold it. */
export function postgresImage(table: PostgresRoleTable, texts: PostgresTexts): PostgresImage {
  return Object.fromEntries(table.columns.map((column, index) => [column, texts[index] ?? null]));
}

/** Reads the values that decisions depend on as plain text: a malformed id equals no planned one. */
export function livePostgresRow(table: PostgresRoleTable, texts: PostgresTexts): LivePostgresRow {
  const text = (key: ColumnKey): string | null => texts[table.position[key]] ?? null;
  let image: PostgresImage | undefined;
  return {
    store: 'postgres',
    // An unusable id must equal none of a plan.
    id: serialId(text('id')) ?? '',
    link: text('mongoId'),
    idForm: null,
    user: text('user'),
    team: text('team'),
    role: text('role'),
    scope: text('scope'),
    active: text('active') === 't',
    image: () => (image ??= postgresImage(table, texts)),
  };
}

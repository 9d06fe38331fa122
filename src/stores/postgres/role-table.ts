import { createHash } from 'node:crypto';
import type pg from 'pg';
import { Failure } from '../../model/failure.js';
import type { PostgresImage } from '../../model/decision.js';
import type { LivePostgresRow } from '../../model/live.js';
import type { Mapping } from '../../model/mapping.js';
import { ID_MAX_LENGTH, serialId, type IdType, type IdWidths } from '../../model/id.js';
import { readIdKey, type IdKey } from './id-key.js';
import { readAttachments, type PostgresAttachments } from './attachments.js';
import { qualifiedName, readTable, refuseUnusableColumns, rowsOf, type TableColumn } from './catalog.js';

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
  /** Its name quoted, with its schema: null if it takes every text of that length; a null length is unlimited. */
  readonly roleType: { readonly name: string | null; readonly length: number | null };
  readonly position: Readonly<Record<ColumnKey, number>>;
}

/** A row in the database's own text output, in the order of `columns`. */
export type PostgresTexts = readonly (string | null)[];

/** The types in which mapped columns can be compared and put back; doctor says what they should be. */
const TEXTS = ['varchar', 'text', 'bpchar', 'citext', 'name'];
const COMPARED: readonly (readonly [ColumnKey, types: readonly string[]])[] = [
  ['id', ['int2', 'int4', 'int8']],
  ...(['mongoId', 'user', 'team', 'role', 'scope'] as const).map((key) => [key, TEXTS] as const),
  ['active', ['bool']],
];

/** Leaves every value in the server's text output. */
const AS_TEXT = { getTypeParser: () => (text: string) => text };

/** @throws Failure (operational) naming every mapped column that is missing, or one that cannot be written down */
export async function describeRoleTable(client: pg.Client, mapping: Mapping): Promise<PostgresRoleTable> {
  const { schema, table, columns: mapped } = mapping.postgres;
  const name = qualifiedName(schema, table);
  const doing = `reading the columns of the Postgres table ${schema}.${table}`;
  const found = await readTable(client, mapping);
  const all = new Map(found?.columns.map((column) => [column.name, column]));
  const missing = Object.values(mapped).filter((column) => !all.has(column));
  if (found === null || missing.length > 0) {
    const problem = found === null ? 'there is no such table' : `it lacks ${missing.join(', ')}`;
    const next = 'Correct the mapping in fix-roles.config.json, or connect to the right database.';
    throw new Failure('operational', { doing, problem, next });
  }
  refuseUnusableColumns(name, found.columns, mapped);
  const columnOf = (key: ColumnKey): TableColumn => {
    const column = all.get(mapped[key]);
    if (column === undefined) throw new Error(`the column of ${key} is not described`);
    return column;
  };
  const each = <T>(valueOf: (column: TableColumn) => T): Record<ColumnKey, T> => ({
    id: valueOf(columnOf('id')),
    mongoId: valueOf(columnOf('mongoId')),
    user: valueOf(columnOf('user')),
    role: valueOf(columnOf('role')),
    scope: valueOf(columnOf('scope')),
    team: valueOf(columnOf('team')),
    active: valueOf(columnOf('active')),
    createdAt: valueOf(columnOf('createdAt')),
    createdBy: valueOf(columnOf('createdBy')),
    lastSyncAt: valueOf(columnOf('lastSyncAt')),
    syncStatus: valueOf(columnOf('syncStatus')),
    syncError: valueOf(columnOf('syncError')),
  });
  const misfits = COMPARED.flatMap(([key, types]) => {
    const { name: column, base, typeName, equality } = columnOf(key);
    const named = (key === 'role' || key === 'scope') && equality === 'label';
    const wanted = types.slice(0, 3).join(' or ');
    return named || types.includes(base) ? [] : [`${column} is ${typeName}, not ${wanted}`];
  });
  if (misfits.length > 0) {
    const next = 'Correct the type of the column, or map another one in fix-roles.config.json.';
    throw new Failure('operational', { doing, problem: misfits.join('; '), next });
  }
  // Without a length, a column takes any.
  const widthOf = (key: ColumnKey): number => Math.min(columnOf(key).length ?? ID_MAX_LENGTH, ID_MAX_LENGTH);
  const columns = found.columns.map((column) => column.name);
  const { typeSchema, typeName, choosy, length } = columnOf('role');
  return {
    name,
    rows: rowsOf(name, found.kind),
    mapped: mapping.postgres,
    ids: mapping.ids,
    attachments: await readAttachments(client, found.oid),
    quoted: each((column) => client.escapeIdentifier(column.name)),
    columns,
    generated: new Set(found.columns.filter(({ given }) => given === 'generated').map((one) => one.name)),
    padded: new Set(found.columns.filter(({ padded }) => padded).map((one) => one.name)),
    idWidths: {
      user: widthOf('user'),
      team: widthOf('team'),
      link: widthOf('mongoId'),
    },
    idKey: await readIdKey(client, mapping),
    exact: each((column) => exactly(client, column)),
    columnList: found.columns.map((column) => inText(client, column)).join(', '),
    roleType: { name: choosy ? qualifiedName(typeSchema, typeName) : null, length },
    position: each((column) => columns.indexOf(column.name)),
  };
}

function exactly(client: pg.Client, { name, equality }: TableColumn): string {
  const column = `r.${client.escapeIdentifier(name)}`;
  switch (equality) {
    case 'label':
      return `${column}::pg_catalog.text`;
    case 'folded':
      return `${column}::pg_catalog.text COLLATE pg_catalog."C"`;
    case 'exact':
      // A cast would keep the server from using an index.
      return column;
  }
}

/** Reads names that depend on the search path as oids, which mean the same in every session. */
function inText(client: pg.Client, { name, naming }: TableColumn): string {
  const casts = { none: '', value: '::pg_catalog.oid', array: '::pg_catalog.oid[]' };
  return `r.${client.escapeIdentifier(name)}${casts[naming]}`;
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
function statementName(text: string): string {
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

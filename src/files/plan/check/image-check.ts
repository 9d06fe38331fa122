import type { DerivedChange } from '../../../model/change.js';
import type {
  Altered,
  Change,
  Decision,
  EjsonValue,
  MongoImage,
  PostgresImage,
} from '../../../model/decision.js';
import type { Mapping } from '../../../model/mapping.js';
import {
  TEAM_SCOPE,
  type MongoRoleRow,
  type PostgresRoleRow,
  type RowIdentity,
} from '../../../model/role-row.js';
import type { Store } from '../../../model/store.js';
import { Defect } from '../../defect.js';
import { insertedDocument, insertedRow, imagedRow, type NewRow } from '../../row-image.js';

/** Whose change it is, and what its images depend on. */
export interface ImageContext {
  readonly team: string;
  readonly decision: Decision;
  readonly mapping: Mapping;
  /** Milliseconds since 1970. */
  readonly asOf: number;
}

/**
 * Checks the row that a change shows: `after` must be exactly what is inserted; `before` must be the observed row that
 * the rules alter.
 *
 * @throws Defect
 */
export function checkImage(
  change: Change,
  derived: DerivedChange,
  field: string,
  context: ImageContext,
): void {
  if (derived.op === 'insert') {
    if (change.op === 'insert') checkInserted(change, derived.link, field, context);
  } else if (change.op !== 'insert') {
    checkAltered(change, derived.id, `${field}.before`, context);
  }
}

function checkInserted(
  change: Extract<Change, { op: 'insert' }>,
  link: string,
  field: string,
  { team, decision, mapping, asOf }: ImageContext,
): void {
  const row: NewRow = { team, user: decision.user, role: change.role, link };
  const wanted =
    change.store === 'mongo' ? insertedDocument(row, asOf, mapping) : insertedRow(row, asOf, mapping);
  if (isSameImage(change.after, wanted)) return;
  const found = new Map(Object.entries(change.after));
  for (const [key, value] of Object.entries(wanted)) {
    if (JSON.stringify(found.get(key)) !== JSON.stringify(value)) {
      throw new Defect(`${field}.after.${key}`, `is not ${JSON.stringify(value)}, which an insert writes`);
    }
  }
  throw new Defect(`${field}.after`, 'has other fields, or another order, than an insert writes');
}

/** The same fields in the same order, with the same values. */
function isSameImage(a: MongoImage, b: MongoImage): boolean {
  const fields = Object.keys(a);
  const others = Object.keys(b);
  return (
    fields.length === others.length &&
    fields.every((field, index) => field === others[index] && isSameValue(a[field], b[field]))
  );
}

function isSameValue(a: EjsonValue | undefined, b: EjsonValue | undefined): boolean {
  // Most values are no objects, and need no text to be compared.
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

function checkAltered(change: Altered, id: string | number, field: string, context: ImageContext): void {
  const { mapping, decision } = context;
  const observed: readonly (MongoRoleRow | PostgresRoleRow)[] = decision.observed[change.store];
  const row = observed.find((candidate) => candidate.id === id);
  const found = imagedRow(change, 'before', mapping);
  const names = fieldNames(change.store, mapping);
  if (row === undefined || found.id !== id)
    throw new Defect(`${field}.${names.id}`, `is not ${id}, the row that the rules alter`);
  if (change.store === 'postgres') demandMappedColumns(change.before, mapping, field);
  demandIdentity(found, row.active, change.role, names, { ...context, field });
  if ('mongoId' in row && found.link !== row.mongoId)
    throw new Defect(`${field}.${names.mongoId}`, 'is not as observed');
}

/** @throws Defect where the image of a Postgres row lacks a column, or its activity is no boolean */
export function demandMappedColumns(image: PostgresImage, mapping: Mapping, field: string): void {
  const { columns } = mapping.postgres;
  for (const column of Object.values(columns)) {
    if (!Object.hasOwn(image, column)) throw new Defect(`${field}.${column}`, 'is missing');
  }
  if (!['t', 'f'].includes(image[columns.active] ?? '')) {
    throw new Defect(`${field}.${columns.active}`, 'is neither t nor f');
  }
}

/** The names that the mapping gives to the fields by which a row is known. */
type FieldNames = Readonly<Record<keyof RowIdentity | 'id' | 'mongoId', string>>;

export function fieldNames(store: Store, { mongo, postgres }: Mapping): FieldNames {
  return store === 'mongo' ? { id: '_id', mongoId: '_id', ...mongo.roles } : postgres.columns;
}

/** Whose row it must be, and where it stands. */
interface RowContext {
  readonly field: string;
  readonly team: string;
  readonly decision: { readonly user: string };
}

/** @throws Defect where the image contradicts its decision */
export function demandIdentity(
  found: RowIdentity,
  active: boolean,
  role: string,
  names: FieldNames,
  { field, team, decision }: RowContext,
): void {
  const wanted: RowIdentity = { user: decision.user, team, role, scope: TEAM_SCOPE, active };
  for (const key of ['user', 'team', 'role', 'scope', 'active'] as const) {
    if (found[key] !== wanted[key]) {
      throw new Defect(`${field}.${names[key]}`, `does not say ${String(wanted[key])}, as the decision does`);
    }
  }
}

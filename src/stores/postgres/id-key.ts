import pg from 'pg';
import type { Mapping } from '../../model/mapping.js';
import { NEEDED_BY_DEFAULT, qualifiedName, rowsOf } from './catalog.js';

/** The sequence that numbers new role rows. */
export interface IdSequence {
  readonly schema: string;
  readonly name: string;
  readonly increment: number;
  readonly highest: string;
  /** The statement that lets it catch up with the rows. It never goes back, so it may run at any time. */
  readonly catchUp: string;
}

/** What keeps the ids of rows unique. */
export interface IdKey {
  readonly schema: string;
  readonly table: string;
  /** The names of the unique indexes on the id alone. */
  readonly indexes: ReadonlySet<string>;
  /** Null if the catalog knows none. */
  readonly sequence: IdSequence | null;
}

interface KeyRow {
  readonly kind: string;
  readonly indexes: string[];
  readonly schema: string | null;
  readonly name: string | null;
  readonly increment: string | null;
}

/** Asks the catalog, which everybody may read. A sequence belongs to the column by its default or as an identity. */
export async function readIdKey(client: pg.Client, { postgres }: Mapping): Promise<IdKey> {
  const { schema, table, columns } = postgres;
  const { rows } = await client.query<KeyRow>(
    `SELECT ARRAY(SELECT c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
                   WHERE i.indrelid = a.attrelid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
                     AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum) AS indexes,
            rel.relkind::text AS kind, found.schema, found.name, found.increment
       FROM pg_attribute AS a
       JOIN pg_class AS rel ON rel.oid = a.attrelid
       LEFT JOIN LATERAL (
         SELECT n.nspname::text AS schema, s.relname::text AS name, q.seqincrement::text AS increment
           FROM pg_class AS s
           JOIN pg_namespace AS n ON n.oid = s.relnamespace
           JOIN pg_sequence AS q ON q.seqrelid = s.oid
          WHERE s.oid IN (
            SELECT d.refobjid FROM pg_attrdef AS f
              JOIN ${NEEDED_BY_DEFAULT}
             WHERE f.adrelid = a.attrelid AND f.adnum = a.attnum
            UNION ALL
            SELECT d.objid FROM pg_depend AS d
             WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
               AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype = 'i')
          ORDER BY s.oid LIMIT 1) AS found ON true
      WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped`,
    [qualifiedName(schema, table), columns.id],
  );
  const [row] = rows;
  const sequence = row === undefined ? null : sequenceOf(row, postgres);
  return { schema, table, indexes: new Set(row?.indexes), sequence };
}

function sequenceOf({ kind, schema, name, increment }: KeyRow, of: Mapping['postgres']): IdSequence | null {
  if (schema === null || name === null) return null;
  const source = rowsOf(qualifiedName(of.schema, of.table), kind);
  const highest = `(SELECT max(${pg.escapeIdentifier(of.columns.id)}) FROM ${source})`;
  const sequence = pg.escapeLiteral(qualifiedName(schema, name));
  const catchUp = `SELECT setval(${sequence}, greatest(nextval(${sequence}), ${highest}));`;
  return { schema, name, increment: Number(increment), highest, catchUp };
}

/** A new row's id is taken. Every later one will be too, until the sequence has caught up. */
export class LaggingSequence extends Error {
  constructor({ sequence }: IdKey, cause: pg.DatabaseError) {
    const [of, remedy] =
      sequence === null
        ? ['the source of these numbers', 'make it go on above the highest number']
        : [`the sequence ${sequence.schema}.${sequence.name}`, `run ${sequence.catchUp}`];
    super(
      `a new row got a number that is taken (${cause.constraint ?? ''}): ${of} lags behind the rows, as after an ` +
        `import with numbers; have the owner of the table ${remedy} Then run the same command again`,
      { cause },
    );
    this.name = 'LaggingSequence';
  }
}

/** Explains an error that says that a new row's id is taken; returns every other error as it is. */
export function explainTakenNumber(error: unknown, key: IdKey): unknown {
  if (!(error instanceof pg.DatabaseError) || error.code !== UNIQUE_VIOLATION) return error;
  const { schema, table, constraint = '' } = error;
  const ours = schema === key.schema && table === key.table && key.indexes.has(constraint);
  return ours ? new LaggingSequence(key, error) : error;
}

const UNIQUE_VIOLATION = '23505';

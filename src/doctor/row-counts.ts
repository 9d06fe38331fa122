import type { MongoConnection } from '../stores/mongo/connection.js';
import { qualifiedName, rowsOf } from '../stores/postgres/catalog.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckProblem, CheckResult } from '../model/check.js';
import type { Mapping } from '../model/mapping.js';
import type { PostgresTable } from './postgres-table.js';
import { verdict, warning } from './verdict.js';

/** How many rows there are. `estimate`: as the server's statistics have it. */
export interface RowCount {
  readonly rows: number;
  readonly kind: 'exact' | 'estimate' | 'at-least';
}

/** Up to so many are counted one by one: quick everywhere. */
const COUNTED = 100_000;

/** Documents of a collection, whatever they are. */
export async function countDocuments({ db }: MongoConnection, collection: string): Promise<RowCount> {
  const counted = await db.collection(collection).countDocuments({}, { limit: COUNTED + 1 });
  if (counted <= COUNTED) return { rows: counted, kind: 'exact' };
  return { rows: await db.collection(collection).estimatedDocumentCount(), kind: 'estimate' };
}

/** Rows of the role table, whatever they are. */
export async function countRows(
  { client }: PostgresReading,
  mapping: Mapping,
  { oid, kind }: Pick<PostgresTable, 'oid' | 'kind'>,
): Promise<RowCount> {
  const { schema, table } = mapping.postgres;
  const source = rowsOf(qualifiedName(schema, table), kind);
  const counted = await client.query<{ rows: number }>(
    `SELECT count(*)::int4 AS rows FROM (SELECT FROM ${source} LIMIT $1) AS first_rows`,
    [COUNTED + 1],
  );
  const rows = counted.rows[0]?.rows ?? 0;
  if (rows <= COUNTED) return { rows, kind: 'exact' };
  const estimated = await client.query<{ rows: number }>(
    'SELECT reltuples::float8 AS rows FROM pg_class WHERE oid = $1::oid',
    [oid],
  );
  const estimate = estimated.rows[0]?.rows ?? -1;
  // Before the first ANALYZE there is none.
  return estimate > COUNTED
    ? { rows: Math.round(estimate), kind: 'estimate' }
    : { rows: COUNTED, kind: 'at-least' };
}

const grouped = new Intl.NumberFormat('en-US');

/** How much there is. Nothing at all is suspicious: it may be the wrong database. */
export function judgeRowCounts(counts: readonly (readonly [what: string, count: RowCount])[]): CheckResult {
  const found = counts.map(([what, count]) => `${amount(count)} ${what}`).join(', ');
  const problems = counts.flatMap(([what, { rows }]): CheckProblem[] =>
    rows > 0
      ? []
      : [
          warning(
            `there are no ${what}`,
            'Make sure that DB_NAME, the POSTGRES_ settings and the mapping name the right place.',
          ),
        ],
  );
  return verdict(found, problems);
}

function amount({ rows, kind }: RowCount): string {
  const number = grouped.format(rows);
  switch (kind) {
    case 'exact':
      return number;
    case 'estimate':
      return `about ${number} (an estimate of the server)`;
    case 'at-least':
      return `more than ${number}`;
  }
}

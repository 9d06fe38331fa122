import { qualifiedName } from '../stores/postgres/catalog.js';
import { readIdKey, type IdSequence } from '../stores/postgres/id-key.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckResult } from '../model/check.js';
import type { Mapping } from '../model/mapping.js';
import { verdict, warning } from './verdict.js';

/** Where the sequence stands against the rows. Numbers as text: they may be too large for JavaScript. */
interface IdSequenceState {
  /** The highest number of a row; null: there is no row. */
  readonly highest: string | null;
  /** What the next row gets; null where that cannot be told. */
  readonly next: bigint | null;
}

/** Compares the sequence with the rows. The rows are asked first: what is added meanwhile only makes the answer better. */
async function readIdSequenceState(
  { client }: PostgresReading,
  sequence: IdSequence,
): Promise<IdSequenceState> {
  const { schema, name, increment } = sequence;
  const rows = await client.query<{ highest: string | null }>(`SELECT ${sequence.highest}::text AS highest`);
  const highest = rows.rows[0]?.highest ?? null;
  const used = await client.query<{ last: string | null; readable: boolean }>(
    `SELECT last_value::text AS last, has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'SELECT') AS readable
       FROM pg_sequences WHERE schemaname = $1 AND sequencename = $2`,
    [schema, name],
  );
  const [found] = used.rows;
  if (found === undefined) return { highest, next: null };
  if (found.last !== null) return { highest, next: BigInt(found.last) + BigInt(increment) };
  // Not used since it was set, or not to be seen; to what it was set is known only to whoever may read it.
  if (!found.readable) return { highest, next: null };
  const { rows: states } = await client.query<{ last: string; called: boolean }>(
    `SELECT last_value::text AS last, is_called AS called FROM ${qualifiedName(schema, name)}`,
  );
  const [state] = states;
  if (state === undefined) return { highest, next: null };
  return { highest, next: BigInt(state.last) + (state.called ? BigInt(increment) : 0n) };
}

/** Whether new rows get numbers that no row has. After an import that brought numbers along they do not. */
export async function checkIdSequence(reading: PostgresReading, mapping: Mapping): Promise<CheckResult> {
  const { sequence } = await readIdKey(reading.client, mapping);
  if (sequence === null) return verdict('the catalog knows of no sequence that numbers new rows');
  const { highest, next } = await readIdSequenceState(reading, sequence);
  const name = `${sequence.schema}.${sequence.name}`;
  if (next === null)
    return verdict(`${name} was not used since it was set, and to what is not for this user to see`);
  const found = `${name} goes on with ${next}, rows go up to ${highest ?? 'none'}`;
  if (highest === null || sequence.increment < 0 || BigInt(highest) < next) return verdict(found);
  return verdict(found, [
    warning(
      'the sequence lags behind the rows: new ones, those of the application too, get numbers that are taken, and are refused',
      'Have the owner of the table run this; it never sets the sequence back.',
      [sequence.catchUp],
    ),
  ]);
}

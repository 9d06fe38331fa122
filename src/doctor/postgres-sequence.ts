import { qualifiedName } from '../stores/postgres/catalog.js';
import { readIdKey, type IdSequence } from '../stores/postgres/id-key.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { verdict, warning } from './verdict.js';

/** The next row's id; null if it cannot be told. Numbers may be too large for JavaScript's own. */
async function nextOf({ client }: PostgresReading, sequence: IdSequence): Promise<bigint | null> {
  const { schema, name, increment } = sequence;
  const used = await client.query<{ last: string | null; readable: boolean }>(
    `SELECT last_value::text AS last, has_sequence_privilege(format('%I.%I', schemaname, sequencename), 'SELECT') AS readable
       FROM pg_sequences WHERE schemaname = $1 AND sequencename = $2`,
    [schema, name],
  );
  const [found] = used.rows;
  if (found?.last) return BigInt(found.last) + BigInt(increment);
  // The sequence is unused since it was set, or hidden. Reading its start needs a privilege.
  if (!found?.readable) return null;
  const { rows: states } = await client.query<{ last: string; called: boolean }>(
    `SELECT last_value::text AS last, is_called AS called FROM ${qualifiedName(schema, name)}`,
  );
  const [state] = states;
  return state === undefined ? null : BigInt(state.last) + (state.called ? BigInt(increment) : 0n);
}

/** Checks that new rows get free ids. An import that brings its own ids can leave the sequence behind. */
export async function checkIdSequence(reading: PostgresReading, mapping: Mapping): Promise<CheckResult> {
  const { sequence } = await readIdKey(reading.client, mapping);
  if (sequence === null) return verdict('the catalog knows of no sequence that numbers new rows');
  // The rows first: rows added meanwhile only make the sequence look further ahead.
  const text = `SELECT ${sequence.highest}::text AS highest`;
  const { rows } = await reading.client.query<{ highest: string | null }>(text);
  const highest = rows[0]?.highest ?? null;
  const next = await nextOf(reading, sequence);
  const name = `${sequence.schema}.${sequence.name}`;
  if (next === null)
    return verdict(`${name} was not used since it was set, and this user may not see to which number`);
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

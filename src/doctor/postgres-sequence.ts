import type { IdSequence, IdSequenceState } from '../stores/postgres/id-key.js';
import type { CheckResult } from '../model/check.js';
import { verdict, warning } from './verdict.js';

/** Whether new rows get numbers that no row has. After an import that brought numbers along they do not. */
export function judgeIdSequence(sequence: IdSequence | null, state: IdSequenceState | null): CheckResult {
  if (sequence === null || state === null)
    return verdict('the catalog knows of no sequence that numbers new rows');
  const { highest, next } = state;
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

import type { CheckProblem, CheckResult } from '../model/check.js';
import { amount, type RowCount } from '../model/row-count.js';
import { verdict, warning } from './verdict.js';

/** Warns of an empty place: it may be the wrong database. */
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

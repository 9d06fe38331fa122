import type { RowCount } from '../stores/row-count.js';
import type { CheckProblem, CheckResult } from '../model/check.js';
import { verdict, warning } from './verdict.js';

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

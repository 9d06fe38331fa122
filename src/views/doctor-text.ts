import { Ansis } from 'ansis';
import type { Check, CheckProblem, CheckResult } from '../model/check.js';
import { quantity } from './quantity.js';
import { harmlessJson, visibleText } from './safe-text.js';
import { wrapped, type Terminal } from './terminal.js';

const STORE_NAMES: Readonly<Record<Check['store'], string>> = { mongo: 'MongoDB', postgres: 'PostgreSQL' };
/** What a driver says may be long; so may a list of privileges. */
const LINE_LENGTH = 2_000;
const TITLE_WIDTH = 26;

type Status = CheckResult['status'];

/** What `doctor` says: every check of each store, with the remedies under it, and what to do next. */
export function doctorText(checks: readonly Check[], terminal: Terminal): string {
  const text: string[] = [];
  for (const store of ['mongo', 'postgres'] as const) {
    text.push(`${terminal.title(STORE_NAMES[store])}\n`);
    for (const check of checks) if (check.store === store) text.push(checkText(check, terminal));
    text.push('\n');
  }
  return text.join('') + conclusion(checks);
}

/** The same for machines: one JSON document, one check a line. */
export function doctorJson(checks: readonly Check[]): string {
  const lines = checks.map(({ store, check, title, result }) =>
    harmlessJson({ store, check, title, ...result }),
  );
  return `{"checks":[\n${lines.join(',\n')}\n],"counts":${JSON.stringify(countsOf(checks))}}\n`;
}

function checkText({ title, result }: Check, terminal: Terminal): string {
  const head = `  ${mark(result.status, terminal)} ${title.padEnd(TITLE_WIDTH)}`;
  const indent = ' '.repeat(TITLE_WIDTH + 4);
  const said = result.status === 'not-made' ? `not checked: ${result.reason}` : result.found;
  const lines = wrapped(visibleText(said, LINE_LENGTH), terminal.width, indent).slice(indent.length);
  const first = said === '' ? `${head.trimEnd()}\n` : head + lines;
  const problems = result.status === 'warning' || result.status === 'failed' ? result.problems : [];
  return first + problems.map((problem) => problemText(problem, terminal)).join('');
}

function problemText({ severity, problem, next, statements }: CheckProblem, terminal: Terminal): string {
  const sign = mark(severity === 'failure' ? 'failed' : 'warning', terminal);
  const paragraph = (text: string, first: string): string =>
    `      ${first} ${wrapped(visibleText(text, LINE_LENGTH), terminal.width, '        ').slice(8)}`;
  const lines = statements.flatMap((statement) => statement.split('\n'));
  return (
    paragraph(problem, sign) +
    paragraph(next, '→') +
    lines.map((line) => `          ${visibleText(line, LINE_LENGTH)}\n`).join('')
  );
}

function mark(status: Status, { colour, faint, caution }: Terminal): string {
  const paint = new Ansis(colour ? 1 : 0);
  switch (status) {
    case 'passed':
      return paint.green('✓');
    case 'warning':
      return caution('!');
    case 'failed':
      return paint.red.bold('✗');
    case 'not-made':
      return faint('-');
  }
}

function conclusion(checks: readonly Check[]): string {
  const counts = countsOf(checks);
  const parts = [
    `${quantity(counts.passed, 'check')} passed`,
    ...(counts.warning > 0 ? [quantity(counts.warning, 'warning')] : []),
    ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ...(counts['not-made'] > 0 ? [`${counts['not-made']} not made`] : []),
  ];
  const next =
    counts.failed > 0
      ? 'Next: remedy what is marked ✗, then run fix-roles doctor again.'
      : 'Next: fix-roles plan -o plan.json';
  return `${parts.join(', ')}.\n${next}\n`;
}

function countsOf(checks: readonly Check[]): Record<Status, number> {
  const counts: Record<Status, number> = { passed: 0, warning: 0, failed: 0, 'not-made': 0 };
  for (const { result } of checks) counts[result.status] += 1;
  return counts;
}

import type { Check, CheckProblem, CheckResult } from '../model/doctor-check.js';
import { STORES } from '../model/store.js';
import { commandLine } from './next-command.js';
import { quantity } from './quantity.js';
import { STORE_NAMES } from './plan/rule-words.js';
import { harmlessJson, visibleText } from './safe-text.js';
import { wrapped, type Terminal } from './terminal.js';

/** A driver's message may be long; so may a list of privileges. */
const LINE_LENGTH = 2_000;
const TITLE_WIDTH = 26;

type Status = CheckResult['status'];

/**
 * Every check of each store, with its remedies, and what to do next.
 *
 * @param connecting flags that say which databases
 * @param planFile a name that is not taken
 */
export function doctorText(
  checks: readonly Check[],
  terminal: Terminal,
  connecting: readonly string[] = [],
  planFile = 'plan.json',
): string {
  const text = STORES.map((store) => {
    const lines = checks.filter((check) => check.store === store).map((check) => checkText(check, terminal));
    return `${terminal.title(STORE_NAMES[store])}\n${lines.join('')}\n`;
  });
  return text.join('') + conclusion(checks, connecting, planFile);
}

/** The checks as one JSON document, one a line. */
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
  const problems = 'problems' in result ? result.problems : [];
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

function mark(status: Status, { good, caution, bad, faint }: Terminal): string {
  return { passed: good('✓'), warning: caution('!'), failed: bad('✗'), 'not-made': faint('-') }[status];
}

function conclusion(checks: readonly Check[], connecting: readonly string[], planFile: string): string {
  const { passed, warning, failed, 'not-made': notMade } = countsOf(checks);
  const parts = [`${quantity(passed, 'check')} passed`];
  if (warning > 0) parts.push(quantity(warning, 'warning'));
  if (failed > 0) parts.push(`${failed} failed`);
  if (notMade > 0) parts.push(`${notMade} not made`);
  const next =
    failed > 0
      ? `remedy what is marked ✗, then run ${commandLine('doctor', ...connecting)} again.`
      : commandLine('plan', ...connecting, '-o', planFile);
  return `${parts.join(', ')}.\nNext: ${next}\n`;
}

function countsOf(checks: readonly Check[]): Record<Status, number> {
  const counts: Record<Status, number> = { passed: 0, warning: 0, failed: 0, 'not-made': 0 };
  for (const { result } of checks) counts[result.status] += 1;
  return counts;
}

import type { PlanHeader } from '../files/plan/schema.js';
import { STORES } from '../model/role-row.js';
import { applyCommand, commandLine } from './next-command.js';
import { numeral, quantity } from './quantity.js';
import { OPS_BY_WEIGHT, STORE_NAMES } from './rule-words.js';
import type { Terminal } from './terminal.js';
import { changesIn, countOf, totalsWords } from './totals.js';

/**
 * The few lines that `plan` prints beside its result: totals, what is listed, and what to do next.
 *
 * @param planFile where the plan was saved, or null if it went to standard output
 * @param receiptFile what a revert plan takes back
 * @param connecting flags that say which databases
 */
export function planSummary(
  { header, digest }: { readonly header: Pick<PlanHeader, 'kind' | 'summary'>; readonly digest: string },
  terminal: Terminal,
  planFile: string | null,
  receiptFile?: string,
  connecting: readonly string[] = [],
): string {
  const { summary } = header;
  const lines = [...totalsWords(header)];
  for (const store of STORES) {
    const counts = OPS_BY_WEIGHT.filter((op) => summary.changes[store][op] > 0).map((op) =>
      terminal.op[op](`${op} ${numeral(summary.changes[store][op])}`),
    );
    if (counts.length > 0) lines.push(`${STORE_NAMES[store]}: ${counts.join(', ')}`);
  }
  const findings = countOf(summary.findings);
  if (findings > 0) lines.push(`Findings: ${codes(summary.findings)}`);
  const blocked = countOf(summary.blocked);
  if (blocked > 0) {
    lines.push(terminal.caution(`Blocked, needs a person: ${codes(summary.blocked)}`));
  }
  lines.push(terminal.faint(digest));
  const file = planFile ?? 'PLAN';
  if (changesIn(summary) > 0) {
    lines.push(
      `Next: ${commandLine('show', file)}, then ${applyCommand(header, file, receiptFile, connecting)}`,
    );
  } else if (findings + blocked > 0) {
    lines.push(
      `Next: ${commandLine('show', file)} explains ${quantity(findings + blocked, 'entry', 'entries')}`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}

function codes(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([code, count]) => `${code} ${numeral(count)}`)
    .join(', ');
}

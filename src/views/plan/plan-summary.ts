import type { PlanHeader } from '../../files/plan/schema.js';
import { foreignKeyText, type ForeignKey } from '../../model/foreign-key.js';
import type { Exempted } from '../../model/policy.js';
import { STORES } from '../../model/store.js';
import { commandLine } from '../next-command.js';
import { aheadOf } from './ahead.js';
import { numeral, quantity } from '../quantity.js';
import { OPS_BY_WEIGHT, STORE_NAMES } from './rule-words.js';
import { visibleText } from '../safe-text.js';
import type { Terminal } from '../terminal.js';
import { changesIn, countOf, totalsWords } from './totals.js';

/**
 * The few lines that `plan` and `revert` print beside their result: totals, what is listed, and what to do next.
 *
 * @param planFile where the plan was saved, or null if it went to standard output
 * @param ahead what is known to lead to its apply; left out: what the plan says
 */
export function planSummary(
  {
    header,
    digest,
  }: { readonly header: Pick<PlanHeader, 'kind' | 'summary' | 'filter'>; readonly digest: string },
  terminal: Terminal,
  planFile: string | null,
  ahead = aheadOf(header, planFile ?? 'PLAN'),
): string {
  const { summary } = header;
  const { shard } = header.filter;
  const lines = [...totalsWords(header)];
  if (shard !== null) lines.unshift(`Part ${shard.index} of ${shard.count} of all teams, counted from 0.`);
  for (const store of STORES) {
    const counts = OPS_BY_WEIGHT.filter((op) => summary.changes[store][op] > 0).map((op) =>
      terminal.op[op](`${op} ${numeral(summary.changes[store][op])}`),
    );
    if (counts.length > 0) lines.push(`${STORE_NAMES[store]}: ${counts.join(', ')}`);
  }
  const findings = countOf(summary.findings);
  if (findings > 0) lines.push(`Findings: ${codes(summary.findings)}`);
  const blocked = countOf(summary.blocked);
  if (blocked > 0) lines.push(terminal.caution(`Blocked, needs a person: ${codes(summary.blocked)}`));
  lines.push(terminal.faint(digest));
  const file = planFile ?? 'PLAN';
  const show = commandLine('show', file);
  if (changesIn(summary) > 0)
    lines.push(
      `Next: ${[show, ...ahead.commands].join(', then ')}`,
      ...ahead.notes.map((note) => visibleText(note, 2_000)),
    );
  else if (findings + blocked > 0)
    lines.push(`Next: ${show} explains ${quantity(findings + blocked, 'entry', 'entries')}`);
  return lines.map((line) => `${line}\n`).join('');
}

/** A revert gives everybody back what there was: whom a later policy exempts is not left out, but told. */
export function exemptedLines(exempted: readonly Exempted[]): string[] {
  return exempted.map(
    ({ kind, id, reason }) =>
      `Warning: ${kind === 'teams' ? 'team' : 'user'} ${visibleText(id)} is exempt by the present policy (${visibleText(reason)}), and this plan takes back what was done there before.`,
  );
}

function codes(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([code, count]) => `${code} ${numeral(count)}`)
    .join(', ');
}

/** The foreign keys that point at the role table, and what `apply` does about what hangs on it; often none. */
export function neighbourLines(neighbours: {
  readonly foreignKeys: readonly ForeignKey[];
  readonly effectsUnseen: boolean;
}): string[] {
  const { foreignKeys: keys, effectsUnseen } = neighbours;
  const lines = keys.map((key) => `Neighbour: ${visibleText(foreignKeyText(key), 2_000)}.`);
  if (keys.some(({ onDelete, onUpdate }) => onDelete !== 'refuse' || onUpdate !== 'refuse'))
    lines.push(
      'apply rolls a team back rather than change rows there; under the policy memberExtras: "deactivate" it deletes nothing that members hold.',
    );
  if (effectsUnseen)
    lines.push(
      'apply will refuse every team: the role table has triggers or rules, and without track_counts nobody could see what they do to other rows. Have it switched on.',
    );
  return lines;
}

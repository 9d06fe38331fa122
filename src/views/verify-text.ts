import type { Verdict, VerdictKind } from '../model/verdict.js';
import { driftText } from './drift-text.js';
import { numeral } from './quantity.js';
import { harmlessJson, visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';

const VERDICT_WORDS: Readonly<Record<VerdictKind, string>> = {
  holds: 'as expected, the plan holds',
  'already-done': 'already as the plan wants',
  'half-done': 'half done: an apply was cut off, and the same apply finishes the rest',
  overtaken: 'as the plan wants, but memberships or ownership have changed since',
  drifted: 'drifted, not as the plan expects',
};

type VerdictCounts = Partial<Record<VerdictKind, number>>;

/** One team of a plan with its verdict. */
export interface ShownVerdict {
  readonly team: string;
  readonly verdict: Verdict;
}

/**
 * What `verify` says: every team that needs attention, then the totals and what to do next. Streams.
 *
 * @param planLine the command that makes a new plan
 * @param applyLine the command that executes the plan
 */
export async function* verifyText(
  verdicts: AsyncIterable<ShownVerdict>,
  terminal: Terminal,
  { planLine, applyLine }: { readonly planLine: string; readonly applyLine: string },
): AsyncIterable<string> {
  const counts: VerdictCounts = {};
  for await (const { team, verdict } of verdicts) {
    counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
    yield verdictText(team, verdict, terminal);
  }
  yield verifyTotals(counts, planLine, applyLine);
}

/** The same for machines, every team included: one JSON document. Streams. */
export async function* verifyJson(verdicts: AsyncIterable<ShownVerdict>): AsyncIterable<string> {
  // Not before the first verdict: where there is none because of a failure, that alone is the result.
  let between = '{"teams":[\n';
  const counts: VerdictCounts = {};
  for await (const { team, verdict } of verdicts) {
    counts[verdict.kind] = (counts[verdict.kind] ?? 0) + 1;
    yield between + harmlessJson({ team, ...verdict });
    between = ',\n';
  }
  if (Object.keys(counts).length === 0) yield '{"teams":[';
  yield `\n],"counts":${JSON.stringify(counts)}}\n`;
}

/** What has to be said of one team; nothing where all is well. */
function verdictText(team: string, verdict: Verdict, terminal: Terminal): string {
  const head = (words: string): string => `${terminal.caution(words)}: team ${visibleText(team)}\n`;
  switch (verdict.kind) {
    case 'holds':
    case 'already-done':
      return '';
    case 'overtaken':
      return head('overtaken');
    case 'half-done':
      return `${head('half done')}    ${verdict.applied} changes made, ${verdict.pending} to go\n`;
    case 'drifted': {
      const half = verdict.halfApplied ? ', half applied by an earlier run' : '';
      return head(`drifted${half}`) + driftText(verdict.drifts, terminal);
    }
  }
}

/** The totals, and what to do next. */
function verifyTotals(counts: VerdictCounts, planLine: string, applyLine: string): string {
  const lines = [];
  for (const kind of Object.keys(VERDICT_WORDS).filter(isVerdictKind)) {
    const count = counts[kind] ?? 0;
    if (count > 0)
      lines.push(`${numeral(count).padStart(7)} ${count === 1 ? 'team' : 'teams'}: ${VERDICT_WORDS[kind]}`);
  }
  if (lines.length === 0) lines.push('There is no team in this plan.');
  if (counts.drifted || counts.overtaken) {
    lines.push(
      `Next: ${planLine} makes a new plan, to be reviewed; ${applyLine} --on-drift skip leaves these teams out.`,
    );
  } else if (counts.holds || counts['half-done']) {
    lines.push(`Next: ${applyLine}`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function isVerdictKind(kind: string): kind is VerdictKind {
  return kind in VERDICT_WORDS;
}

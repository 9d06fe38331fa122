import type { Verdict, VerdictKind } from '../model/outcome.js';
import { driftText, needsAttention } from './drift-text.js';
import { countLines } from './outcome-words.js';
import type { ApplyAhead } from './plan/ahead.js';
import { jsonList, visibleText, type Pieces } from './safe-text.js';
import type { Terminal } from './terminal.js';

const VERDICT_WORDS: Readonly<Record<VerdictKind, string>> = {
  holds: 'as expected, the plan holds',
  'already-done': 'already as the plan wants',
  'half-done': 'half done: part of its changes is in effect, and apply makes the rest',
  overtaken: 'as the plan wants, but memberships or ownership have changed since',
  drifted: 'drifted, not as the plan expects',
};

export interface ShownVerdict {
  readonly team: string;
  readonly name: string | null;
  readonly verdict: Verdict;
}

/** Filled while the verdicts are read. */
type Counts = Partial<Record<VerdictKind, number>>;

/**
 * Every team that needs attention, then the totals and what to do next. Streams.
 *
 * @param planLine the command that makes a new plan
 * @param ahead what leads to the apply of the plan
 */
export async function* verifyText(
  verdicts: AsyncIterable<ShownVerdict>,
  terminal: Terminal,
  { planLine, ahead }: { readonly planLine: string; readonly ahead: ApplyAhead },
): Pieces {
  const counts: Counts = {};
  for await (const verdict of counted(verdicts, counts)) yield verdictText(verdict, terminal);
  const lines = countLines(counts, VERDICT_WORDS);
  yield lines.length === 0 ? 'There is no team in this plan.\n' : lines.join('');
  if (counts.drifted || counts.overtaken)
    yield `Next: ${planLine} makes a new plan, to be reviewed; ${ahead.commands.join(', then ')} --on-drift skip leaves these teams out.\n`;
  else if (counts.holds || counts['half-done']) yield `Next: ${ahead.commands.join(', then ')}\n`;
  else return;
  for (const note of ahead.notes) yield `${visibleText(note, 600)}\n`;
}

/** Every team with its verdict, as one JSON document. Streams. */
export async function* verifyJson(verdicts: AsyncIterable<ShownVerdict>): Pieces {
  const counts: Counts = {};
  async function* teams(): AsyncIterable<unknown> {
    for await (const { verdict, ...named } of counted(verdicts, counts)) yield { ...named, ...verdict };
  }
  yield '{';
  yield* jsonList('teams', teams());
  yield `,"counts":${JSON.stringify(counts)}}\n`;
}

async function* counted(verdicts: AsyncIterable<ShownVerdict>, counts: Counts): AsyncIterable<ShownVerdict> {
  for await (const each of verdicts) {
    const { kind } = each.verdict;
    counts[kind] = (counts[kind] ?? 0) + 1;
    yield each;
  }
}

/** Empty where all is well. */
function verdictText({ verdict, ...team }: ShownVerdict, terminal: Terminal): string {
  switch (verdict.kind) {
    case 'holds':
    case 'already-done':
      return '';
    case 'overtaken':
      return needsAttention('overtaken', false, team, terminal);
    case 'half-done':
      return `${needsAttention('half done', false, team, terminal)}    ${verdict.applied} changes made, ${verdict.pending} to go\n`;
    case 'drifted':
      return (
        needsAttention('drifted', verdict.halfApplied, team, terminal) + driftText(verdict.drifts, terminal)
      );
  }
}

import type { ApplyProspect, ApplyReport } from '../model/apply-report.js';
import type { OutcomeKind, TeamOutcome } from '../model/outcome.js';
import { STORES } from '../model/role-row.js';
import { driftText, needsAttention } from './drift-text.js';
import { applyCommand, planAgainCommand } from './next-command.js';
import { countLines, NOT_BEGUN_WORDS, OUTCOME_WORDS, triggeredText } from './outcome-words.js';
import { numeral, quantity } from './quantity.js';
import { STORE_NAMES } from './rule-words.js';
import { harmlessJson, jsonList, visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';

const NOT_BY_RULES =
  'No role rule justifies this plan: it is proved by the receipt alone, and may give roles back to people who should not ' +
  'have them.';

/** Which databases, how many teams, how many removals and new privileges: what a person confirms. */
export function prospectText(prospect: ApplyProspect, terminal: Terminal): string {
  const { kind, targets, addresses, teams, drifted, held, pending } = prospect;
  const lines = [
    terminal.title(kind === 'fix' ? 'About to apply' : 'About to take back what was applied'),
    ...(kind === 'fix' ? [] : [terminal.caution(`  ${NOT_BY_RULES}`)]),
    `  MongoDB     ${visibleText(addresses.mongo)}, database ${visibleText(targets.mongo.database)}`,
    `  PostgreSQL  ${visibleText(addresses.postgres)}, database ${visibleText(targets.postgres.database)}, ` +
      `table ${visibleText(targets.postgres.table)}`,
    `  Teams       ${numeral(teams.toApply)} to apply, ${numeral(teams.toFinish)} half done to finish`,
  ];
  for (const store of STORES) {
    const { removals, grants } = pending[store];
    lines.push(
      `  ${STORE_NAMES[store].padEnd(11)} ${terminal.op.delete(quantity(removals, 'role'))} taken away, ` +
        `${terminal.op.insert(quantity(grants, 'owner privilege'))} granted`,
    );
  }
  if (drifted > 0)
    lines.push(terminal.caution(`  ${quantity(drifted, 'team')} drifted, not as the plan expects`));
  if (held > 0)
    lines.push(terminal.caution(`  ${quantity(held, 'other team')} will not be begun because of that`));
  return lines.map((line) => `${line}\n`).join('');
}

/** How many teams of one outcome are listed by id. */
const LISTED_TEAMS = 100;
/** Of which outcomes, in this order. */
const LISTED = ['half-done', 'unknown', 'failed', 'drifted', 'changed-since', 'overtaken'] as const;

/** The files that an apply was given: the plan, and for a revert plan the receipts that prove it. */
export interface AppliedFiles {
  readonly plan: string;
  readonly of: readonly string[] | undefined;
  /** What else belongs to the same command, as it was given. */
  readonly again: readonly string[];
  /** Of that, what says which databases. */
  readonly connecting: readonly string[];
}

/** The report of an apply: counts, every team that needs attention with the reason, and what to do next. */
export function* applyText(report: ApplyReport, terminal: Terminal, files: AppliedFiles): Iterable<string> {
  if (report.earlier) {
    yield `${report.part === null ? 'This plan' : partWords(report.part)} was fully applied at ${report.earlier.at} by ${visibleText(report.earlier.who)}.\n`;
  }
  yield* countLines(report.counts, OUTCOME_WORDS);
  if (report.outcomes.size === 0)
    yield `There is nothing to do in ${report.part === null ? 'this plan' : 'this part of the plan'}.\n`;
  const outcomes = [...report.outcomes.values()];
  const effects = outcomes.flatMap((outcome) => ('triggered' in outcome ? outcome.triggered : []));
  if (effects.length > 0) yield `${triggeredText(effects)}.\n`;
  for (const kind of LISTED) yield* listedTeams(kind, report, terminal);
  yield* new Set(outcomes.map(notBegunText));
  yield nextText(report, files);
}

/** Which part it is; parts are counted from 0, as `--shard` does. */
function partWords({ index, count }: NonNullable<ApplyReport['part']>): string {
  return `Part ${index} of ${count}`;
}

function notBegunText(outcome: TeamOutcome): string {
  if (outcome.kind !== 'not-begun') return '';
  const { reason, problem } = outcome;
  const why = problem === undefined ? '' : ` (${visibleText(problem, 2_000)})`;
  return `Not begun: ${NOT_BEGUN_WORDS[reason]}${why}.\n`;
}

function* listedTeams(kind: OutcomeKind, report: ApplyReport, terminal: Terminal): Iterable<string> {
  let listed = 0;
  for (const [team, outcome] of report.outcomes) {
    if (outcome.kind !== kind) continue;
    if (++listed > LISTED_TEAMS) continue;
    const half = 'halfApplied' in outcome && outcome.halfApplied;
    yield `\n${needsAttention(kind, half, team, terminal)}`;
    if ('problem' in outcome) yield `    ${visibleText(outcome.problem, 2_000)}\n`;
    if ('drifts' in outcome) yield driftText(outcome.drifts, terminal);
  }
  if (listed > LISTED_TEAMS)
    yield `… and ${quantity(listed - LISTED_TEAMS, 'team')} more; --json lists all\n`;
}

function nextText({ result, counts, outcomes, part, ...report }: ApplyReport, files: AppliedFiles): string {
  const receipt = visibleText(report.receipt);
  const kind = files.of === undefined ? 'fix' : 'revert';
  const again = applyCommand(kind, files.plan, files.of, files.again);
  const planAgain = planAgainCommand(kind, files.of, files.connecting);
  const sum = (...kinds: readonly OutcomeKind[]): number =>
    kinds.reduce((all, kind) => all + (counts[kind] ?? 0), 0);
  switch (result) {
    case 'complete':
      return part === null
        ? `Everything in the plan holds in both stores. Receipt: ${receipt}\n`
        : `Everything in ${partWords(part).toLowerCase()} holds (${numeral(outcomes.size)} of ${quantity(part.teams, 'team')}) in both stores. Receipt: ${receipt}\n`;
    case 'drift': {
      const held = [...outcomes.values()].some((outcome) => outcome.kind === 'not-begun');
      const skip = held ? `; ${again} --on-drift skip goes on without the drifted teams` : '';
      return `Next: ${planAgain} makes a plan of what is left, to be reviewed${skip}.\n`;
    }
    case 'partly-applied':
    case 'interrupted': {
      let text = `Next: ${again} once more; it goes on where this run ended. Receipt: ${receipt}\n`;
      if (sum('failed', 'half-done') > 0)
        text += 'What failed may fail again until the reason above is dealt with.\n';
      if (sum('drifted', 'overtaken', 'changed-since') > 0)
        text += `What no longer matches needs a new plan: ${planAgain}\n`;
      return text;
    }
  }
}

/** The report for machines: every team with its outcome, streamed as one JSON document. */
export async function* applyJson({
  outcomes,
  result,
  counts,
  earlier,
  receipt,
  part,
}: ApplyReport): AsyncIterable<string> {
  function* teams(): Iterable<unknown> {
    for (const [team, outcome] of outcomes) yield { team, ...outcome };
  }
  yield `${harmlessJson({ result, counts, earlier, receipt, part }).slice(0, -1)},`;
  yield* jsonList('teams', teams());
  yield '}\n';
}

import type { PlanHeader } from '../files/plan/schema.js';
import type { Targets } from '../model/targets.js';
import type { ApplyResult, OutcomeKind, TeamOutcome } from '../model/outcome.js';
import { STORES, type Store } from '../model/role-row.js';
import { driftText } from './drift-text.js';
import { commandLine, planAgainCommand } from './next-command.js';
import { NOT_BEGUN_WORDS, OUTCOME_WORDS } from './outcome-words.js';
import { numeral, quantity } from './quantity.js';
import { STORE_NAMES } from './rule-words.js';
import { visibleText } from './safe-text.js';
import type { Terminal } from './terminal.js';
import { triggeredText } from './triggered-text.js';

/** What is about to be done, as it is shown before the confirmation. */
export interface ShownProspect {
  readonly kind: PlanHeader['kind'];
  readonly targets: Targets;
  readonly addresses: Readonly<Record<Store, string>>;
  readonly teams: { readonly toApply: number; readonly toFinish: number };
  readonly drifted: number;
  readonly held: number;
  readonly pending: Readonly<Record<Store, { readonly removals: number; readonly grants: number }>>;
}

const NOT_BY_RULES =
  'No role rule justifies this plan: it is proved by the receipt alone, and may give roles back to people who should not ' +
  'have them.';

/** Which databases, how many teams, how many removals and new privileges: what a person confirms. */
export function prospectText(prospect: ShownProspect, terminal: Terminal): string {
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

/** What an apply did, as far as a view needs to know. */
export interface ShownReport {
  readonly result: ApplyResult;
  readonly outcomes: ReadonlyMap<string, TeamOutcome>;
  readonly counts: Readonly<Partial<Record<OutcomeKind, number>>>;
  readonly earlier: { readonly at: string; readonly who: string } | null;
  readonly receipt: string;
}

/** How many teams of one outcome are listed by id. */
const LISTED_TEAMS = 100;

const LISTED: readonly OutcomeKind[] = [
  'half-done',
  'unknown',
  'failed',
  'drifted',
  'changed-since',
  'overtaken',
];

/** The files that an apply was given: the plan, and for a revert plan the receipt that proves it. */
export interface AppliedFiles {
  readonly plan: string;
  readonly of: string | undefined;
  /** What else belongs to the same command, as it was given. */
  readonly again: readonly string[];
  /** Of that, what says which databases. */
  readonly connecting: readonly string[];
}

/** The report of an apply: counts, every team that needs attention with the reason, and what to do next. */
export function* applyText(report: ShownReport, terminal: Terminal, files: AppliedFiles): Iterable<string> {
  if (report.earlier) {
    yield `This plan was fully applied at ${report.earlier.at} by ${visibleText(report.earlier.who)}.\n`;
  }
  for (const kind of Object.keys(OUTCOME_WORDS).filter(isOutcomeKind)) {
    const count = report.counts[kind] ?? 0;
    if (count > 0)
      yield `${numeral(count).padStart(7)} ${count === 1 ? 'team' : 'teams'}: ${OUTCOME_WORDS[kind]}\n`;
  }
  if (report.outcomes.size === 0) yield 'There is nothing to do in this plan.\n';
  const triggered = triggeredText(
    [...report.outcomes.values()].flatMap((outcome) => ('triggered' in outcome ? outcome.triggered : [])),
  );
  if (triggered !== '') yield `${triggered}.\n`;
  for (const kind of LISTED) yield* listedTeams(kind, report, terminal);
  const reasons = new Set(
    [...report.outcomes.values()].flatMap((outcome) =>
      outcome.kind === 'not-begun' ? [notBegunText(outcome)] : [],
    ),
  );
  yield* reasons;
  yield nextText(report, files);
}

function notBegunText({ reason, problem }: Extract<TeamOutcome, { kind: 'not-begun' }>): string {
  const why = problem === undefined ? '' : ` (${visibleText(problem, 2_000)})`;
  return `Not begun: ${NOT_BEGUN_WORDS[reason]}${why}.\n`;
}

function* listedTeams(kind: OutcomeKind, report: ShownReport, terminal: Terminal): Iterable<string> {
  let listed = 0;
  for (const [team, outcome] of report.outcomes) {
    if (outcome.kind !== kind) continue;
    if (++listed > LISTED_TEAMS) continue;
    const half = outcome.kind === 'drifted' && outcome.halfApplied ? ', half applied by an earlier run' : '';
    yield `\n${terminal.caution(`${kind}${half}`)}: team ${visibleText(team)}\n`;
    if ('problem' in outcome) yield `    ${visibleText(outcome.problem, 2_000)}\n`;
    if ('drifts' in outcome) yield driftText(outcome.drifts, terminal);
  }
  if (listed > LISTED_TEAMS)
    yield `… and ${quantity(listed - LISTED_TEAMS, 'team')} more; --json lists all\n`;
}

function nextText(report: ShownReport, files: AppliedFiles): string {
  const { result, counts, outcomes } = report;
  const receipt = visibleText(report.receipt);
  switch (result) {
    case 'complete':
      return `Everything in the plan holds in both stores. Receipt: ${receipt}\n`;
    case 'drift': {
      const held = [...outcomes.values()].some((outcome) => outcome.kind === 'not-begun');
      const skip = held
        ? `; ${againCommand(files, '--on-drift', 'skip')} goes on without the drifted teams`
        : '';
      return `Next: ${planAgain(files)} makes a plan of what is left, to be reviewed${skip}.\n`;
    }
    case 'partly-applied':
    case 'interrupted': {
      const lines = [
        `Next: ${againCommand(files)} once more; it goes on where this run ended. Receipt: ${receipt}\n`,
      ];
      if ((counts.failed ?? 0) + (counts['half-done'] ?? 0) > 0)
        lines.push('What failed may fail again until the reason above is dealt with.\n');
      if ((counts.drifted ?? 0) + (counts.overtaken ?? 0) + (counts['changed-since'] ?? 0) > 0)
        lines.push(`What no longer matches needs a new plan: ${planAgain(files)}\n`);
      return lines.join('');
    }
  }
}

function againCommand({ plan, of, again }: AppliedFiles, ...more: readonly string[]): string {
  return commandLine('apply', plan, ...(of === undefined ? [] : ['--of', of]), ...again, ...more);
}

function planAgain({ of, connecting }: AppliedFiles): string {
  return planAgainCommand(of === undefined ? 'fix' : 'revert', of, connecting);
}

function isOutcomeKind(kind: string): kind is OutcomeKind {
  return kind in OUTCOME_WORDS;
}

/** The report for machines: every team with its outcome, streamed as one JSON document. */
export function* applyJson(report: ShownReport): Iterable<string> {
  const { result, counts, earlier, receipt } = report;
  const head = JSON.stringify({ result, counts, earlier, receipt }).slice(0, -1);
  yield `${head},"teams":[`;
  let separator = '\n';
  for (const [team, outcome] of report.outcomes) {
    yield `${separator}${JSON.stringify({ team, ...outcome })}`;
    separator = ',\n';
  }
  yield '\n]}\n';
}

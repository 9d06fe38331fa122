import type { PlanHeader } from '../files/plan/schema.js';
import type { ApplyProspect, ApplyReport } from '../model/apply-report.js';
import type { Approver } from '../model/approval.js';
import type { Dangers } from '../model/danger.js';
import type { OutcomeKind, TeamOutcome } from '../model/outcome.js';
import { STORES, type Store } from '../model/store.js';
import { approversText } from './plan/approval-text.js';
import { dangerWords } from './plan/danger-words.js';
import { driftText, needsAttention } from './drift-text.js';
import { applyCommand, planAgainCommand } from './next-command.js';
import { OVER_LIMIT_WORDS } from './plan/ahead.js';
import { countLines, NOT_BEGUN_WORDS, OUTCOME_WORDS, triggeredText } from './outcome-words.js';
import { numeral, quantity } from './quantity.js';
import { STORE_NAMES } from './plan/rule-words.js';
import type { ShownPlan } from './plan/shown-plan.js';
import { harmlessJson, jsonList, visibleText, type Pieces } from './safe-text.js';
import { wrapped, type Terminal } from './terminal.js';

const NOT_BY_RULES =
  'No role rule justifies this plan: it is proved by the receipt alone, and may give roles back to people who should not ' +
  'have them.';

/** The file that is about to be executed, and who answers for it. */
export interface ReviewedFile {
  readonly name: string;
  readonly digest: string;
  readonly header: Pick<PlanHeader, 'asOf' | 'policy' | 'summary'>;
  /** Null: nobody had to approve it. */
  readonly approvers: readonly Approver[] | null;
}

/** How many roles of one store are named; unknown ones can be many. */
const NAMED_ROLES = 8;

/** Which file, which databases, and what this run does there: what a person confirms. */
export function prospectText(
  prospect: ApplyProspect,
  file: ReviewedFile,
  terminal: Terminal,
  now = Date.now(),
): string {
  const { kind, part, targets, addresses, teams, drifted, held, roles, dangers } = prospect;
  const what = part === null ? '' : `${partWords(part).toLowerCase()} of `;
  const line = (label: string, words: string): string =>
    `  ${label.padEnd(11)} ${wrapped(words, terminal.width, ' '.repeat(14)).trimStart()}`;
  const left = teams.left === 0 ? '' : `; ${numeral(teams.left)} left for another run (--limit)`;
  const text = [
    `${terminal.title(kind === 'fix' ? `About to apply ${what}${visibleText(file.name)}` : `About to take back what was applied, by ${what}${visibleText(file.name)}`)}\n`,
    ...(kind === 'fix'
      ? []
      : [terminal.caution(wrapped(NOT_BY_RULES, terminal.width, '  ').trimEnd()), '\n']),
    line('Digest', visibleText(file.digest)),
    line('As of', `${file.header.asOf}, ${ageWords(now - Date.parse(file.header.asOf))}`),
    line('Approvals', file.approvers === null ? 'none demanded' : approversText(file.approvers)),
    line('MongoDB', `${visibleText(addresses.mongo)}, database ${visibleText(targets.mongo.database)}`),
    line(
      'PostgreSQL',
      `${visibleText(addresses.postgres)}, database ${visibleText(targets.postgres.database)}, ` +
        `table ${visibleText(targets.postgres.table)}`,
    ),
    line(
      'This run',
      `${quantity(teams.toApply, 'team')} to apply, ${numeral(teams.toFinish)} half done to finish${left}`,
    ),
    ...STORES.map((store) => line(STORE_NAMES[store], rolesWords(roles[store], terminal))),
    ...dangersShort(dangers, file.header).map((words, index) => line(index === 0 ? 'Look first' : '', words)),
  ];
  if (drifted > 0)
    text.push(terminal.caution(`  ${quantity(drifted, 'team')} drifted, not as the plan expects`), '\n');
  if (held > 0)
    text.push(terminal.caution(`  ${quantity(held, 'other team')} will not be begun because of that`), '\n');
  return text.join('');
}

/** The dangers in short: of each kind how many there are, and the worst. A limit that matters was lifted by now. */
function dangersShort(dangers: Dangers, header: ReviewedFile['header']): string[] {
  const lists = dangerWords({ ...dangers, exceeded: [] }, header, visibleText).flatMap(
    ({ about, title, count, entries }) =>
      about === 'plan'
        ? entries.map(({ words }) => words)
        : entries
            .slice(0, 1)
            .map(({ words }) => `${title}: ${numeral(count)}. ${count > 1 ? 'First: ' : ''}${words}`),
  );
  return [...dangers.exceeded.map((flag) => `${OVER_LIMIT_WORDS[flag]}.`), ...lists];
}

function rolesWords(roles: ApplyProspect['roles'][Store], terminal: Terminal): string {
  const words = (how: 'taken' | 'given'): string => {
    const some = roles.filter((role) => role[how] > 0);
    const rest = some.slice(NAMED_ROLES).reduce((sum, role) => sum + role[how], 0);
    const counted = some
      .slice(0, NAMED_ROLES)
      .map((role) => `${numeral(role[how])} ${visibleText(role.role)}`);
    return [...counted, ...(rest > 0 ? [`${numeral(rest)} of other names`] : [])].join(', ') || 'nothing';
  };
  return `${terminal.op.delete('takes away')} ${words('taken')}; ${terminal.op.insert('gives')} ${words('given')}`;
}

function ageWords(ms: number): string {
  const hours = Math.floor(ms / 3_600_000);
  if (hours < 1) return 'less than an hour ago';
  return hours < 48 ? `${quantity(hours, 'hour')} ago` : `${quantity(Math.floor(hours / 24), 'day')} ago`;
}

/** How many teams of one outcome are listed by id. */
const LISTED_TEAMS = 100;
/** The outcomes with a list, in this order. */
const LISTED = ['half-done', 'unknown', 'failed', 'drifted', 'changed-since', 'overtaken'] as const;

/** The names of teams by id; one without a name has none here. */
export type TeamNames = ReadonlyMap<string, string>;

/** The names of the teams that a report lists; reads the plan once, where there are any. */
export async function listedNames(
  plan: Pick<ShownPlan, 'teams'>,
  { outcomes }: ApplyReport,
): Promise<TeamNames> {
  const names = new Map<string, string>();
  if (![...outcomes.values()].some(needsPerson)) return names;
  const heads = plan.teams(({ id, name }) => {
    const outcome = outcomes.get(id);
    if (name !== null && outcome !== undefined && needsPerson(outcome)) names.set(id, name);
    return false;
  });
  // No team is wanted, so the first answer is the end.
  await heads[Symbol.asyncIterator]().next();
  return names;
}

function needsPerson({ kind }: TeamOutcome): boolean {
  return LISTED.some((listed) => listed === kind);
}

/** The files that an apply was given: the plan, and for a revert plan the receipts that prove it. */
export interface AppliedFiles {
  readonly plan: string;
  readonly of: readonly string[] | undefined;
  /** What else belongs to the same command, as it was given. */
  readonly again: readonly string[];
  /** Those of them that name the databases. */
  readonly connecting: readonly string[];
  /** What a revert plan is made anew from: the receipts, and `--partial` where others lie beside them. */
  readonly receipts?: readonly string[] | undefined;
  /** Gives a name that is not taken, for a new file. */
  readonly nameOf?: (name: string) => string;
}

/** The report of an apply: counts, the teams that need attention, and what to do next. */
export function* applyText(
  report: ApplyReport,
  terminal: Terminal,
  files: AppliedFiles,
  names: TeamNames = new Map(),
): Iterable<string> {
  if (report.earlier) {
    yield `${report.part === null ? 'This plan' : partWords(report.part)} was fully applied at ${report.earlier.at} by ${visibleText(report.earlier.who)}.\n`;
  }
  yield* countLines(report.counts, OUTCOME_WORDS);
  if (report.outcomes.size === 0)
    yield `There is nothing to do in ${report.part === null ? 'this plan' : 'this part of the plan'}.\n`;
  const outcomes = [...report.outcomes.values()];
  const effects = outcomes.flatMap((outcome) => ('triggered' in outcome ? outcome.triggered : []));
  if (effects.length > 0) yield `${triggeredText(effects)}.\n`;
  for (const kind of LISTED) yield* listedTeams(kind, report, names, terminal);
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

function* listedTeams(
  kind: OutcomeKind,
  report: ApplyReport,
  names: TeamNames,
  terminal: Terminal,
): Iterable<string> {
  let listed = 0;
  for (const [team, outcome] of report.outcomes) {
    if (outcome.kind !== kind) continue;
    if (++listed > LISTED_TEAMS) continue;
    const half = 'halfApplied' in outcome && outcome.halfApplied;
    yield `\n${needsAttention(kind, half, { team, name: names.get(team) ?? null }, terminal)}`;
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
  const planAgain = planAgainCommand(kind, files.receipts ?? files.of, files.connecting, files.nameOf);
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
export async function* applyJson(report: ApplyReport, names: TeamNames = new Map()): Pieces {
  const { result, counts, earlier, receipt, part } = report;
  function* teams(): Iterable<unknown> {
    for (const [team, outcome] of report.outcomes)
      yield { team, ...(needsPerson(outcome) && { name: names.get(team) ?? null }), ...outcome };
  }
  yield `${harmlessJson({ result, counts, earlier, receipt, part }).slice(0, -1)},`;
  yield* jsonList('teams', teams());
  yield '}\n';
}

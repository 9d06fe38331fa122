import { DEFAULT_APPLY_OPTIONS } from '../../../src/model/apply-options.js';
import type { ApplyReport } from '../../../src/model/apply-report.js';
import type { PlanTeam } from '../../../src/files/plan/schema.js';
import { Failure } from '../../../src/model/failure.js';
import { applyText, type AppliedFiles } from '../../../src/views/apply-text.js';
import { PLAIN_TERMINAL } from '../../../src/views/terminal.js';
import { receiptOf, Stage } from '../apply/stage.js';
import { insertSmallTeams, TEAMS } from './small-teams.js';
import { elsewhere, readStanding, rightsIn, stateOf, type Standing } from './standing.js';
import { forEverySession, take, type Situation, type TeamState } from './situation.js';

/** What was found after the run of one situation. */
export interface Measured {
  readonly mongo: readonly TeamState[];
  readonly postgres: readonly TeamState[];
  readonly exit: number;
  readonly seconds: number;
  /** `-`: not tried, for the run did not exit with 0. */
  readonly undo: 'complete' | 'incomplete' | '-';
  /** Every way in which it differs from what is expected. */
  readonly defects: readonly string[];
}

/** A run that cannot succeed has to say so by then. */
const HOPELESS_WITHIN_S = 10;
/** Shorter than the command line does, so that a defect ends; longer than what is allowed. */
const RETRIED_FOR_MS = 15_000;

/** Sets a situation up in databases of its own, runs plan, apply and undo as the command line would, and measures. */
export async function measure(situation: Situation): Promise<Measured> {
  const stage = await Stage.open();
  try {
    await insertSmallTeams(stage.databases);
    await take(situation.given, stage);
    if (situation.sessions !== undefined) await forEverySession(stage, situation.sessions);
    const was = await readStanding(stage.databases);
    const run = await runIn(stage, situation, was);
    const is = await readStanding(stage.databases);
    const states = (store: 'mongo' | 'postgres'): TeamState[] =>
      TEAMS.map((team) => stateOf(store, team, [run.before, is], run.planned.get(team)));
    const [mongo, postgres] = [states('mongo'), states('postgres')];
    const undone = run.exit === 0 ? await undo(stage, situation, run, is) : undefined;
    const ending = { exit: run.exit, seconds: run.seconds, mongo, postgres };
    const defects = [...defectsOf(situation, ending, run, is), ...(undone ?? [])];
    return {
      ...ending,
      undo: undone === undefined ? '-' : undone.length === 0 ? 'complete' : 'incomplete',
      defects,
    };
  } finally {
    await stage.close();
  }
}

interface Run {
  readonly path: string | null;
  readonly planned: ReadonlyMap<string, PlanTeam>;
  /** Everything as it stood right before `apply`. */
  readonly before: Standing;
  readonly exit: number;
  readonly seconds: number;
  /** Everything that the run said of what went wrong. */
  readonly said: string;
}

const FILES: AppliedFiles = { plan: 'plan.json', of: undefined, again: [], connecting: [] };
const EXIT_OF = { complete: 0, drift: 3, 'partly-applied': 5, interrupted: 130 } as const;

async function runIn(stage: Stage, situation: Situation, was: Standing): Promise<Run> {
  const started = Date.now();
  const run = { path: null, planned: new Map<string, PlanTeam>(), before: was };
  const path = await stage
    .plan(situation.policy === undefined ? {} : { policy: situation.policy })
    .catch((error: unknown) => failureOf(error));
  if (path instanceof Failure) return { ...run, ...endedBy(path), seconds: secondsSince(started) };
  const planned = await stage.read(path, async (plan) => {
    const teams: PlanTeam[] = [];
    for await (const team of plan.teams()) teams.push(team);
    return new Map(teams.map((team) => [team.team.id, team]));
  });
  await take(situation.meanwhile, stage);
  const before = await readStanding(stage.databases);
  const begun = Date.now();
  const ending = await stage
    .apply(path, {
      retryForMs: RETRIED_FOR_MS,
      maxRemovals: DEFAULT_APPLY_OPTIONS.maxRemovals,
      ...situation.applying,
    })
    .then(endedWith, (error: unknown) => endedBy(failureOf(error)));
  return { path, planned, before, ...ending, seconds: secondsSince(begun) };
}

function secondsSince(started: number): number {
  return (Date.now() - started) / 1000;
}

/** @throws unknown what is no failure for people: a bug */
function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  throw error;
}

function endedBy({ kind, text }: Failure): Pick<Run, 'exit' | 'said'> {
  return { exit: kind === 'refused' ? 4 : 1, said: Object.values(text).join('\n') };
}

function endedWith(report: ApplyReport): Pick<Run, 'exit' | 'said'> {
  const text = [...applyText(report, PLAIN_TERMINAL, FILES)].join('');
  return { exit: EXIT_OF[report.result], said: `${JSON.stringify([...report.outcomes])}\n${text}` };
}

function defectsOf(
  { expected, application = [] }: Situation,
  found: Pick<Measured, 'mongo' | 'postgres' | 'exit' | 'seconds'>,
  { before, said }: Run,
  is: Standing,
): string[] {
  const defects: string[] = [];
  const wanted = typeof expected.teams === 'string' ? TEAMS.map(() => expected.teams) : expected.teams;
  for (const store of ['mongo', 'postgres'] as const) {
    const states = found[store];
    if (states.join() !== wanted.join()) defects.push(`teams in ${store}: ${states.join(', ')}`);
  }
  if (found.exit !== expected.exit) defects.push(`exit code ${found.exit}: ${said}`);
  if (expected.says !== undefined && !expected.says.test(said)) defects.push(`it said: ${said}`);
  if (found.exit !== 0 && found.seconds > HOPELESS_WITHIN_S)
    defects.push(`it took ${found.seconds.toFixed(1)} s to say so`);
  const { harmed, touched } = elsewhere(before, is);
  const outside = (found.exit === 0 ? harmed : touched).filter((table) => !application.includes(table));
  if (outside.length > 0) defects.push(`changed outside of the plan: ${outside.join(', ')}`);
  const unsaid = touched.filter((table) => application.includes(table) && !said.includes(table));
  if (unsaid.length > 0) defects.push(`triggers wrote, which was not said: ${unsaid.join(', ')}`);
  return defects;
}

/** Takes back what was applied; empty where everybody has the rights of before. */
async function undo(stage: Stage, situation: Situation, run: Run, applied: Standing): Promise<string[]> {
  if (run.path === null) return [];
  await take(situation.afterwards, stage);
  const receipt = receiptOf(run.path);
  const said = await stage
    .revert(receipt)
    .then((path) => stage.apply(path, { of: receipt, retryForMs: RETRIED_FOR_MS, ...situation.applying }))
    .then(endedWith, (error: unknown) => endedBy(failureOf(error)));
  if (said.exit !== 0) return [`undo ended with ${said.exit}: ${said.said}`];
  const is = await readStanding(stage.databases);
  const defects: string[] = [];
  if (rightsIn(is).join('\n') !== rightsIn(run.before).join('\n'))
    defects.push('undo did not give back the rights of before');
  const outside = elsewhere(applied, is).harmed.filter((table) => !situation.application?.includes(table));
  if (outside.length > 0 && situation.afterwards === undefined)
    defects.push(`undo changed outside of the plan: ${outside.join(', ')}`);
  return defects;
}

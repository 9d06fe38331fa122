import { readFile } from 'node:fs/promises';
import type { Patience } from '../../src/model/waiting.js';
import { Failure } from '../../src/model/failure.js';
import type { Engine } from './engine.js';
import { wrong, type CaseResult, type Violation } from './evidence.js';
import { answerText, FailingServer, type Answer, type Command, type Lasts } from './failing-server.js';
import { inLanes } from './lanes.js';
import { ObservedRuns } from './observed-runs.js';
import type { Ending } from './order.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { A_CODE_OF_EACH_KIND, EVERY_CODE, WRITE_CONCERN_CODES } from './server-codes.js';
import { TestBed } from './test-bed.js';

const LANES = 3;
/** How long a run waits for a connection or an answer, in milliseconds, and what is late for it. */
const PATIENCE: Patience = { connectMs: 10_000, answerMs: 1_500 };
const LATE_MS = 2_000;
/** A run gets over what happens once; what does not end makes it give up. */
const RETRY_FOR_MS = { once: 30_000, lasting: 1_000 } as const;

/** A command of `apply`, and the point of the run from which on it fails. */
const PLACES = [
  { name: 'find before the first team', command: 'find', from: 'start' },
  // Before, aggregates only count.
  { name: 'aggregate', command: 'aggregate', from: 'confirmation' },
  { name: 'insert', command: 'insert', from: 'start' },
  { name: 'update', command: 'update', from: 'start' },
  { name: 'delete', command: 'delete', from: 'start' },
  { name: 'commitTransaction', command: 'commitTransaction', from: 'start' },
  { name: 'find of the reading back', command: 'find', from: 'step postgres-committed' },
] as const satisfies readonly { readonly name: string; readonly command: Command; readonly from: string }[];
type Place = (typeof PLACES)[number];

interface FailingCommand {
  readonly place: Place;
  readonly answer: Answer;
  readonly lasts: Lasts;
}

interface FailingLane {
  readonly server: FailingServer;
  readonly bed: TestBed;
  stop(): Promise<void>;
}

export type Codes = 'one-of-each-kind' | 'every-code';

export async function serverErrors(engine: Engine, pool: ProcessPool, codes: Codes): Promise<CaseResult[]> {
  const sides = [failingCommands(engine, pool, codes), failingPlans(engine, pool, codes)];
  return (await Promise.all(sides)).flat();
}

/** Every command that `apply` sends, answered in every way that a server has, once and for as long as the run goes on. */
function failingCommands(engine: Engine, pool: ProcessPool, codes: Codes): Promise<CaseResult[]> {
  const cases = PLACES.flatMap((place) =>
    answersTo(place.command, codes).flatMap((answer) =>
      (['once', 'lasting'] as const).map((lasts): FailingCommand => ({ place, answer, lasts })),
    ),
  );
  return inLanes(LANES, () => createFailingLane(engine, pool), cases, survive);
}

async function createFailingLane(engine: Engine, pool: ProcessPool): Promise<FailingLane> {
  const server = await FailingServer.start();
  const scenario = scenarioOf(0);
  const failing = { ...engine, mongoUri: server.uri };
  const bed = await TestBed.create(failing, pool, scenario, { oneTeam: scenario.broken });
  const stop = async (): Promise<void> => {
    await bed.stop();
    await server.stop();
  };
  return { server, bed, stop };
}

/** With the labels that a server may give it, and without. */
function answersTo(command: Command, codes: Codes): Answer[] {
  const commit = command === 'commitTransaction';
  const labels = [[], ['TransientTransactionError'], ...(commit ? [['RetryableWriteError']] : [])];
  const errors = (codes === 'every-code' ? EVERY_CODE : A_CODE_OF_EACH_KIND).flatMap((code) =>
    labels.map((some): Answer => ({ kind: 'error', code, labels: some })),
  );
  const writeConcern = WRITE_CONCERN_CODES.slice(0, codes === 'every-code' ? undefined : 1).map(
    (code): Answer => ({ kind: 'write-concern-error', code }),
  );
  return [...errors, { kind: 'closed' }, { kind: 'late', delayMs: LATE_MS }, ...(commit ? writeConcern : [])];
}

async function survive(failing: FailingCommand, { server, bed }: FailingLane): Promise<CaseResult> {
  const { place, answer, lasts } = failing;
  const runs = await ObservedRuns.begin(bed, 'oneTeam');
  const arm = (): Promise<void> => server.arm(place.command, answer, lasts, 'apply');
  if (place.from === 'start') await arm();
  const changes = {
    mongo: { ...runs.order().mongo, patience: PATIENCE },
    // Where a team is read in several statements instead, it takes another attempt.
    retryForMs: RETRY_FOR_MS[place.command === 'aggregate' ? 'once' : lasts],
    pauseAt: place.from === 'start' ? [] : [place.from],
  };
  const ending = await runs.run(changes, arm);
  const struck = await server.disarm();
  await runs.ended(ending);
  const violations = await runs.finish();
  const found = JSON.stringify(ending);
  if (struck === 0) violations.push(wrong(`the fault never struck: ${found}`));
  if (!isRight(ending, failing)) violations.push(wrong(`it should have ended otherwise: ${found}`));
  return { name: `${place.name} ${answerText(answer)}, ${lasts}`, violations };
}

/** What a run has to make of it, where that does not depend on what the driver asks once more by itself. */
function isRight(ending: Ending, { place: { command }, answer, lasts }: FailingCommand): boolean {
  const complete = ending.kind === 'report' && ending.result === 'complete';
  const permanent = answer.kind === 'error' && answer.code.kind === 'permanent';
  switch (command) {
    case 'find':
      return true;
    case 'aggregate':
      // A team that cannot be read in one statement is read in several.
      return permanent && answer.labels.length > 0 ? !complete : complete;
    case 'insert':
    case 'update':
    case 'delete':
      return permanent ? !complete && atOnce(ending) : complete === (lasts === 'once');
    case 'commitTransaction':
      // The driver asks once more by itself.
      if (answer.kind === 'error' && answer.labels.includes('RetryableWriteError'))
        return complete === (lasts === 'once');
      if (permanent) return !complete && atOnce(ending);
      return lasts === 'once' ? complete : answer.kind !== 'error' || !complete;
  }
}

/** Whether it was not tried again. */
function atOnce(ending: Ending): boolean {
  return !JSON.stringify(ending).includes('tried again');
}

/**
 * The commands with which `plan` reads, failed likewise: either the plan has the bytes that it has undisturbed, or there is
 * none. It is read in batches of two documents, so that there are cursors to go on with (getMore).
 */
async function failingPlans(engine: Engine, pool: ProcessPool, codes: Codes): Promise<CaseResult[]> {
  const lane = await createFailingLane(engine, pool);
  try {
    const results: CaseResult[] = [];
    for (const command of ['find', 'getMore'] as const) {
      for (const answer of answersTo(command, codes)) {
        for (const lasts of ['once', 'lasting'] as const) {
          const name = `plan: ${command} ${answerText(answer)}, ${lasts}`;
          await lane.server.arm(command, answer, lasts, 'plan');
          const violations = await planAgain(lane, `plan-${results.length}`);
          if ((await lane.server.disarm()) === 0) violations.push(wrong('the fault never struck'));
          results.push({ name, violations });
        }
      }
    }
    return results;
  } finally {
    await lane.stop();
  }
}

async function planAgain({ bed }: FailingLane, name: string): Promise<Violation[]> {
  const honest = bed.plan('oneTeam');
  const textOf = (path: string): Promise<string | null> => readFile(path, 'utf8').catch(() => null);
  try {
    await bed.makePlan(name, honest.teams, undefined, { patience: PATIENCE, batchSize: 2 });
    const isSame = (await textOf(bed.planPath(name))) === (await textOf(honest.path));
    return isSame ? [] : [{ kind: 'outside', text: 'it is another plan than the undisturbed one' }];
  } catch (problem) {
    if ((await textOf(bed.planPath(name))) !== null) return [wrong('it failed, and left a plan')];
    if (problem instanceof Failure) return [];
    return [wrong(`it threw ${problem instanceof Error ? (problem.stack ?? problem.message) : 'no Error'}`)];
  }
}

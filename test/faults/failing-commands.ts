import type { Patience } from '../../src/model/waiting.js';
import type { CaseResult } from './case-result.js';
import type { Ending } from './apply-ending.js';
import { programOf, type Engine } from './engine.js';
import type { Violation } from './evidence.js';
import { answerText, FailingServer, type Answer, type Command, type Lasts } from './failing-server.js';
import { inLanes } from './lanes.js';
import { ObservedRuns } from './observed-runs.js';
import type { ProcessPool } from './process-pool.js';
import { resumeViolations } from './resume-check.js';
import { scenarioOf } from './scenario.js';
import { A_CODE_OF_EACH_KIND, EVERY_CODE, WRITE_CONCERN_CODES } from './server-codes.js';
import { TestBed, type BedPlan } from './test-bed.js';

const LANES = 3;
const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');
/** How long a run waits for a connection or an answer, in milliseconds, and what is late for it. */
export const PATIENCE: Patience = { connectMs: 10_000, answerMs: 1_500 };
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

/** A server that fails commands, with a test bed on it. */
export interface FailingLane {
  readonly server: FailingServer;
  readonly bed: TestBed;
  readonly plan: BedPlan;
  stop(): Promise<void>;
}

/** Which codes commands are failed with. */
export type Codes = 'one-of-each-kind' | 'every-code';

/** Every command that `apply` sends, answered in every way that a server has, once and for as long as the run goes on. */
export async function failingCommands(
  engine: Engine,
  pool: ProcessPool,
  codes: Codes,
): Promise<CaseResult[]> {
  const lanes = await Promise.all(Array.from({ length: LANES }, () => createFailingLane(engine)));
  try {
    const cases = PLACES.flatMap((place) =>
      answersTo(place.command, codes).flatMap((answer) =>
        (['once', 'lasting'] as const).map((lasts): FailingCommand => ({ place, answer, lasts })),
      ),
    );
    return await inLanes(lanes, cases, (failing, lane) => survive(failing, lane, pool));
  } finally {
    await Promise.all(lanes.map((lane) => lane.stop()));
  }
}

export async function createFailingLane(engine: Engine): Promise<FailingLane> {
  const server = await FailingServer.start(programOf(engine));
  const scenario = scenarioOf(0);
  const bed = await TestBed.create({ ...engine, mongoUri: server.uri }, scenario);
  return {
    server,
    bed,
    plan: await bed.plan('one-team', scenario.broken, AS_OF),
    stop: async () => {
      await bed.drop();
      await server.stop();
    },
  };
}

/** With the labels that a server may give it, and without. */
export function answersTo(command: Command, codes: Codes): Answer[] {
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

async function survive(
  failing: FailingCommand,
  { server, bed, plan }: FailingLane,
  pool: ProcessPool,
): Promise<CaseResult> {
  const { place, answer, lasts } = failing;
  const runs = await ObservedRuns.begin(bed, plan);
  const arm = (): Promise<void> => server.arm(place.command, answer, lasts, 'apply');
  if (place.from === 'start') await arm();
  const order = runs.order({
    mongo: {
      uri: server.uri,
      database: bed.databases.name,
      patience: PATIENCE,
    },
    // Where a team is read in several statements instead, it takes another attempt.
    retryForMs: RETRY_FOR_MS[place.command === 'aggregate' ? 'once' : lasts],
    pauseAt: place.from === 'start' ? [] : [place.from],
  });
  const ending = await pool.run(order, arm);
  const struck = await server.disarm();
  await runs.ended(ending);
  const last = await runs.ended(await pool.run(runs.order({})));
  const wrong = (text: string): Violation => ({ kind: 'report', text: `${text}: ${JSON.stringify(ending)}` });
  const violations = [...runs.violations, ...resumeViolations(last)];
  if (struck === 0) violations.push(wrong('the fault never struck'));
  if (!isRight(ending, failing)) violations.push(wrong(`it should have ended otherwise`));
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

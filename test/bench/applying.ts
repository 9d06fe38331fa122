import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { DEFAULT_APPLY_OPTIONS } from '../../src/model/apply-options.js';
import type { DataSet } from './data-set.js';
import { ratio, type Figure } from './figure.js';
import { measure, measureTool } from './measured-process.js';
import { median } from './median.js';
import { loopSchema } from './planning.js';
import type { Program } from './programs.js';

const timedEventSchema = z.looseObject({ event: z.string(), at: z.iso.datetime() });

/**
 * `apply` against the floor, against what its protocol takes by itself, and against the hand-written script. After every
 * run the data set is broken again, so that all of them have the same to do.
 *
 * @param plan a plan of this data set
 */
export async function measureApplying(
  data: DataSet,
  plan: string,
  program: (name: Program) => string,
  rounds: number,
  emptySeconds: number,
): Promise<Figure[]> {
  const floors = { execution: [] as number[], whole: [] as number[] };
  const protocols: number[] = [];
  const applies = { execution: [] as number[], whole: [] as number[] };
  const receipt = `${plan}.bench-receipt.jsonl`;
  for (let round = 0; round < rounds; round += 1) {
    const floor = await measure(
      [program('write-floor'), plan, String(DEFAULT_APPLY_OPTIONS.concurrency)],
      data.environment,
    );
    floors.execution.push(loopSchema.parse(JSON.parse(floor.stdout)).seconds);
    floors.whole.push(floor.seconds - emptySeconds);
    await data.restore();
    const protocol = await measure(
      [program('protocol-floor'), plan, String(DEFAULT_APPLY_OPTIONS.concurrency), receipt],
      data.environment,
    );
    protocols.push(loopSchema.parse(JSON.parse(protocol.stdout)).seconds);
    await rm(receipt);
    await data.restore();
    const flags = ['-q', '--yes', '--receipt', receipt, '--max-removals', '100%'];
    const apply = await measureTool(['apply', plan, ...flags], data.environment);
    applies.execution.push(await executionSeconds(receipt));
    applies.whole.push(apply.seconds - emptySeconds);
    await rm(receipt);
    await data.restore();
  }
  const script = await measure([program('hand-written-script'), 'execute'], data.environment);
  const loop = loopSchema.parse(JSON.parse(script.stdout)).seconds;
  await data.restore();
  const whole = median(applies.whole);
  const against = (above: readonly number[], below: readonly number[]): [number, number, string] => [
    median(above),
    median(below),
    `${median(above).toFixed(2)} s, ${median(below).toFixed(2)} s`,
  ];
  const [executed, floorExecuted, executionFrom] = against(applies.execution, floors.execution);
  const [protocolExecuted, , protocolFrom] = against(protocols, floors.execution);
  const [, , executionFromProtocol] = against(applies.execution, protocols);
  const [, floorWhole, wholeFrom] = against(applies.whole, floors.whole);
  return [
    ratio(
      'apply, execution / write floor',
      executed,
      floorExecuted,
      { kind: 'at most', value: 1.5 },
      executionFrom,
    ),
    ratio('apply, its protocol alone / write floor', protocolExecuted, floorExecuted, null, protocolFrom),
    ratio('apply, execution / its protocol alone', executed, protocolExecuted, null, executionFromProtocol),
    ratio('apply, whole command / write floor', whole, floorWhole, { kind: 'at most', value: 2 }, wholeFrom),
    ratio('script / apply', loop, whole, null, `${loop.toFixed(2)} s, ${whole.toFixed(2)} s`),
  ];
}

/** From the beginning of the run to the last team's outcome, as the receipt tells it. */
async function executionSeconds(receipt: string): Promise<number> {
  const events = (await readFile(receipt, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => timedEventSchema.parse(JSON.parse(line)));
  const begun = events.find(({ event }) => event === 'run')?.at;
  const ended = events.findLast(({ event }) => event === 'outcome')?.at;
  if (begun === undefined || ended === undefined) throw new Error('the receipt does not tell of any team');
  return (Date.parse(ended) - Date.parse(begun)) / 1000;
}

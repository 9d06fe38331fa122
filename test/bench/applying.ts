import { readFile, rm } from 'node:fs/promises';
import { z } from 'zod';
import { DEFAULT_APPLY_OPTIONS } from '../../src/model/apply-options.js';
import type { DataSet } from './data-set.js';
import { median, ratio, type Figure } from './figure.js';
import { loopSeconds, measureProgram, measureTool } from './measured-process.js';

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
  rounds: number,
  emptySeconds: number,
): Promise<Figure[]> {
  const { environment } = data;
  const blind = [plan, String(DEFAULT_APPLY_OPTIONS.concurrency)];
  const seconds = {
    floor: new Array<number>(),
    wholeFloor: new Array<number>(),
    protocol: new Array<number>(),
    execution: new Array<number>(),
    whole: new Array<number>(),
  };
  const receipt = `${plan}.bench-receipt.jsonl`;
  for (let round = 0; round < rounds; round += 1) {
    const floor = await measureProgram('write-floor', blind, environment);
    seconds.floor.push(loopSeconds(floor));
    seconds.wholeFloor.push(floor.seconds - emptySeconds);
    await data.restore();
    seconds.protocol.push(loopSeconds(await measureProgram('write-floor', [...blind, receipt], environment)));
    await rm(receipt);
    await data.restore();
    const flags = ['-q', '--yes', '--receipt', receipt, '--max-removals', '100%'];
    const apply = await measureTool(['apply', plan, ...flags], environment);
    seconds.execution.push(await executionSeconds(receipt));
    seconds.whole.push(apply.seconds - emptySeconds);
    await rm(receipt);
    await data.restore();
  }
  const script = await measureProgram('hand-written-script', ['execute'], environment);
  await data.restore();
  const of = (what: keyof typeof seconds): number => median(seconds[what]);
  return [
    ratio('apply, execution / write floor', of('execution'), of('floor'), 1.5),
    ratio('apply, its protocol alone / write floor', of('protocol'), of('floor')),
    ratio('apply, execution / its protocol alone', of('execution'), of('protocol')),
    ratio('apply, whole command / write floor', of('whole'), of('wholeFloor'), 2),
    ratio('script / apply', loopSeconds(script), of('whole')),
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

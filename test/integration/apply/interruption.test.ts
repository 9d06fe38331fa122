import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { teamId } from './broken-team.js';
import { kindsOf, receiptOf, Stage, type Contents } from './stage.js';

let path: string;
let untouched: Contents;

const stage = await Stage.open();
afterAll(() => stage.close());
beforeEach(async () => {
  await stage.breakTeams(1, 2, 3);
  path = await stage.plan();
  untouched = await stage.contents();
});

describe('an interruption', () => {
  test('before the first team begins none', async () => {
    const report = await stage.apply(path, { interrupted: AbortSignal.abort() });
    expect(report.result).toBe('interrupted');
    expect(report.counts).toEqual({ 'not-begun': 3 });
    expect(await stage.contents()).toEqual(untouched);
  });

  test('finishes the teams in flight, and the next run the rest', async () => {
    const controller = new AbortController();
    const report = await stage.apply(path, {
      interrupted: controller.signal,
      onStep: (team, step) => {
        if (team === teamId(2) && step === 'mongo-written') controller.abort();
      },
    });
    expect(kindsOf(report)).toEqual({ 1: 'applied', 2: 'applied', 3: 'not-begun' });
    expect(report.result).toBe('interrupted');
    expect((await stage.receipt(receiptOf(path))).at(-1)).toMatchObject({ result: 'interrupted' });
    expect((await stage.apply(path)).result).toBe('complete');
  });
});

import { stat } from 'node:fs/promises';
import { expect } from 'vitest';
import { receiptOf, type Contents, type Stage } from './stage.js';

/** Nothing was written: neither in the databases nor beside the plan. */
export async function expectNoTrace(stage: Stage, before: Contents, path: string): Promise<void> {
  expect(await stage.contents()).toEqual(before);
  await expect(stat(receiptOf(path))).rejects.toMatchObject({ code: 'ENOENT' });
}

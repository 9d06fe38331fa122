import { describe, expect, onTestFinished, test } from 'vitest';
import { planDocumentSchema } from '../../../src/files/plan/json-schema.js';
import { undoSchema } from '../../../src/files/plan/decision-schema.js';
import { inUndoingOrder, undoing } from '../../../src/files/plan/undo.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import type { Undo } from '../../../src/model/decision.js';
import { all, readBytes, withDigest } from './reading.js';
import { id } from './sample-plan.js';
import { REVERTED, revertedDocument, revertedRow, sampleRevert } from './sample-revert.js';

const A = revertedDocument(1, 1, 'admin');
const OFF = revertedDocument(1, 1, 'admin', false);
const ROW = revertedRow(7, 1, 1, 'admin');
const ROW_OFF = revertedRow(7, 1, 1, 'admin', false);
const ROW_WITHOUT_ID = Object.fromEntries(Object.entries(ROW).slice(1));
const MONGO = { store: 'mongo', role: 'admin' } as const;
const POSTGRES = { store: 'postgres', role: 'admin' } as const;

describe.each([
  { where: MONGO, on: A, off: OFF, anew: A },
  { where: POSTGRES, on: ROW, off: ROW_OFF, anew: ROW_WITHOUT_ID },
])('the inverse in $where.store, with its keys, fields and columns in their order', (given) => {
  const { where, on, off, anew } = given;
  test.each([
    ['insert', null, on, 'delete', { before: on }],
    ['delete', on, null, 'insert', { after: anew }],
    ['deactivate', on, off, 'reactivate', { before: off }],
    ['reactivate', off, on, 'deactivate', { before: on }],
  ])('of %s', (op, before, after, inverse, image) => {
    const undo = undoSchema.parse({ op, ...where, before, after });
    const wanted = { op: inverse, ...where, rule: 'undo', ...image };
    expect(JSON.stringify(undoing(undo, DEFAULT_MAPPING).change)).toBe(JSON.stringify(wanted));
  });
});

test('changes are ordered by store, operation, role and row, serial ids as numbers', () => {
  const change = (serial: number): Undo => {
    const after = revertedRow(serial, serial, 1, 'admin');
    return { op: 'insert', ...POSTGRES, before: null, after };
  };
  const order = (a: Undo, b: Undo): number =>
    Math.sign(inUndoingOrder(undoing(a, DEFAULT_MAPPING), undoing(b, DEFAULT_MAPPING)));
  expect(order(change(9), change(10))).toBe(-1);
  expect(order(change(10), change(9))).toBe(1);
  expect(order(change(9), change(9))).toBe(0);
  const inMongo: Undo = { op: 'deactivate', ...MONGO, before: A, after: OFF };
  expect(order(inMongo, change(9))).toBe(-1);
});

describe('a revert plan', () => {
  test('is read as it was written', async () => {
    const plan = await readBytes(await sampleRevert());
    onTestFinished(() => plan.close());
    expect(plan.header.kind).toBe('revert');
    expect((await all(plan.teams())).map(({ decisions }) => decisions)).toEqual([REVERTED]);
    const blocked = { code: 'changed-since', team: id('a', 1), user: id('b', 9) };
    expect(await all(plan.blocked())).toEqual([blocked]);
    expect(plan.header.summary.changes).toEqual({
      mongo: { insert: 1, reactivate: 1, deactivate: 1, delete: 1 },
      postgres: { insert: 2, reactivate: 1, deactivate: 1, delete: 1 },
    });
  });

  test('may name several receipts', async () => {
    const receipt = ['2', '3'].map((digit) => `sha256:${digit.repeat(64)}`);
    const text = (await sampleRevert()).toString('utf8');
    const several = withDigest(Buffer.from(text.replace(/(?<="receipt":)"[^"]*"/, JSON.stringify(receipt))));
    const plan = await readBytes(several);
    expect(plan.header).toMatchObject({ reverts: { receipt } });
    await plan.close();
    expect(planDocumentSchema.safeParse(JSON.parse(several.toString('utf8'))).success).toBe(true);
  });

  test('fits the schema that is printed', async () => {
    const document: unknown = JSON.parse((await sampleRevert()).toString('utf8'));
    expect(planDocumentSchema.safeParse(document).success).toBe(true);
  });
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { planDocumentSchema } from '../../../src/files/plan/json-schema.js';
import { inUndoingOrder, undoing, type UndoingChange } from '../../../src/files/plan/undo.js';
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

const TABLE: readonly (readonly [string, Undo, UndoingChange])[] = [
  [
    'an inserted document',
    { op: 'insert', ...MONGO, before: null, after: A },
    { op: 'delete', ...MONGO, rule: 'undo', before: A },
  ],
  [
    'a deleted document',
    { op: 'delete', ...MONGO, before: A, after: null },
    { op: 'insert', ...MONGO, rule: 'undo', after: A },
  ],
  [
    'a deactivated document',
    { op: 'deactivate', ...MONGO, before: A, after: OFF },
    { op: 'reactivate', ...MONGO, rule: 'undo', before: OFF },
  ],
  [
    'a reactivated document',
    { op: 'reactivate', ...MONGO, before: OFF, after: A },
    { op: 'deactivate', ...MONGO, rule: 'undo', before: A },
  ],
  [
    'an inserted row',
    { op: 'insert', ...POSTGRES, before: null, after: ROW },
    { op: 'delete', ...POSTGRES, rule: 'undo', before: ROW },
  ],
  [
    'a deleted row',
    { op: 'delete', ...POSTGRES, before: ROW, after: null },
    { op: 'insert', ...POSTGRES, rule: 'undo', after: ROW_WITHOUT_ID },
  ],
  [
    'a deactivated row',
    { op: 'deactivate', ...POSTGRES, before: ROW, after: ROW_OFF },
    { op: 'reactivate', ...POSTGRES, rule: 'undo', before: ROW_OFF },
  ],
  [
    'a reactivated row',
    { op: 'reactivate', ...POSTGRES, before: ROW_OFF, after: ROW },
    { op: 'deactivate', ...POSTGRES, rule: 'undo', before: ROW },
  ],
];

describe('the inverse', () => {
  test.each(TABLE)('of %s, with its keys, fields and columns in their order', (_name, undo, change) => {
    const undone = undoing(undo, DEFAULT_MAPPING).change;
    expect(undone).toEqual(change);
    const { op, store, role, rule, ...image } = change;
    expect(JSON.stringify(undone)).toBe(JSON.stringify({ op, store, role, rule, ...image }));
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

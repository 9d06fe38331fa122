import { MongoError, MongoErrorLabel, MongoNetworkError, MongoServerError } from 'mongodb';
import { expect, test } from 'vitest';
import {
  BY_MONGO_CODE,
  BY_NAME,
  BY_SQLSTATE,
  transienceOf,
  type Transience,
} from '../../../src/stores/transience.js';
import { WriteMismatch } from '../../../src/stores/write-problem.js';
import { Failure } from '../../../src/model/failure.js';

function postgresError(code: string): Error {
  return Object.assign(new Error('said by PostgreSQL'), { code });
}

function mongoError(code: number, ...labels: string[]): Error {
  const error = new MongoServerError({ message: 'said by MongoDB', code });
  for (const label of labels) error.addErrorLabel(label);
  return error;
}

function named(name: string): Error {
  return Object.assign(new Error('told by its name'), { name });
}

/** One SQLSTATE that a real server gives for each line of the table. */
const SQLSTATES: Readonly<Record<string, readonly [code: string, meaning: Transience]>> = {
  '08': ['08006', 'transient'],
  '0A': ['0A000', 'permanent'],
  '22': ['22001', 'permanent'],
  '23': ['23503', 'permanent'],
  '23505': ['23505', 'once-more'],
  '23P01': ['23P01', 'once-more'],
  '25006': ['25006', 'permanent'],
  '25P03': ['25P03', 'transient'],
  '25P04': ['25P04', 'transient'],
  '28': ['28000', 'permanent'],
  '3D': ['3D000', 'permanent'],
  '40': ['40P01', 'transient'],
  '40002': ['40002', 'permanent'],
  '42': ['42501', 'permanent'],
  '44': ['44000', 'permanent'],
  '53': ['53300', 'transient'],
  '53100': ['53100', 'permanent'],
  '53400': ['53400', 'permanent'],
  '54': ['54000', 'permanent'],
  '55000': ['55000', 'permanent'],
  '55006': ['55006', 'transient'],
  '55P03': ['55P03', 'transient'],
  '57': ['57014', 'transient'],
  P0: ['P0001', 'permanent'],
};

test('every line about PostgreSQL has its example here', () => {
  expect(Object.keys(BY_SQLSTATE).sort()).toEqual(Object.keys(SQLSTATES).sort());
});

test.each(Object.values(SQLSTATES))('PostgreSQL: %s is %s', (code, meaning) => {
  expect(transienceOf(postgresError(code))).toBe(meaning);
});

test.each(['40001', '57P01', '57P02', '57P03', '53200', '08P01'])('PostgreSQL: %s passes', (code) => {
  expect(transienceOf(postgresError(code))).toBe('transient');
});

test.each(['XX000', '58030', 'UE001', '25P02'])(
  'PostgreSQL: %s, of which nothing is known, costs one more attempt',
  (code) => {
    expect(transienceOf(postgresError(code))).toBe('once-more');
  },
);

/** Of MongoDB, which numbers mean what; those that the issue of this table names come first. */
const MONGO_CODES: Readonly<Record<Exclude<Transience, 'unreachable'>, readonly number[]>> = {
  permanent: [
    121, 13, 2, 9, 11, 14, 15, 18, 20, 22, 26, 28, 40, 52, 53, 55, 57, 59, 61, 66, 72, 73, 115, 166, 238, 257,
    263, 303, 322, 323, 371, 388, 8000, 10334, 14031,
  ],
  'once-more': [11000, 11001],
  transient: [
    112, 189, 91, 10107, 11600, 11602, 13435, 13436, 6, 7, 24, 43, 46, 50, 63, 64, 79, 89, 100, 133, 134, 150,
    202, 206, 216, 225, 237, 239, 246, 249, 250, 251, 261, 262, 267, 272, 279, 281, 282, 290, 317, 355, 358,
    365, 384, 402, 407, 433, 449, 9001, 10058, 11601, 13388,
  ],
};

test('every line about MongoDB stands here, with its meaning', () => {
  const expected = Object.entries(MONGO_CODES).flatMap(([meaning, codes]) =>
    codes.map((code) => [code, meaning]),
  );
  expect(Object.fromEntries(BY_MONGO_CODE)).toEqual(Object.fromEntries(expected));
  for (const [meaning, codes] of Object.entries(MONGO_CODES)) {
    for (const code of codes) expect([code, transienceOf(mongoError(code))]).toEqual([code, meaning]);
  }
});

test('MongoDB: a number of which nothing is known costs one more attempt', () => {
  expect(transienceOf(mongoError(51_234))).toBe('once-more');
});

test.each([MongoErrorLabel.TransientTransactionError, MongoErrorLabel.UnknownTransactionCommitResult])(
  'MongoDB: the label %s passes, unless the number is known to be permanent',
  (label) => {
    expect(transienceOf(mongoError(51_234, label))).toBe('transient');
    expect(transienceOf(mongoError(11_000, label))).toBe('transient');
    expect(transienceOf(mongoError(13, label))).toBe('permanent');
  },
);

test('every name has its meaning', () => {
  const meanings = Object.fromEntries(Object.keys(BY_NAME).map((name) => [name, transienceOf(named(name))]));
  expect(meanings).toEqual({
    Failure: 'unreachable',
    MongoNetworkError: 'unreachable',
    MongoNetworkTimeoutError: 'unreachable',
    MongoPoolClearedError: 'unreachable',
    PoolClearedOnNetworkError: 'unreachable',
    MongoServerSelectionError: 'unreachable',
    MongoWaitQueueTimeoutError: 'transient',
    MongoOperationTimeoutError: 'transient',
    WriteMismatch: 'once-more',
    LaggingSequence: 'permanent',
    UnplannedEffect: 'permanent',
    StillCommitting: 'permanent',
    UnwritableRow: 'permanent',
    BSONError: 'permanent',
    BSONRuntimeError: 'permanent',
    MongoInvalidArgumentError: 'permanent',
    RangeError: 'permanent',
    ReferenceError: 'permanent',
    TypeError: 'permanent',
  });
});

test('the names are those that the errors really have', () => {
  const failure = new Failure('operational', { doing: '', problem: '', next: '' });
  expect(transienceOf(failure)).toBe('unreachable');
  expect(transienceOf(new MongoNetworkError('gone'))).toBe('unreachable');
  expect(transienceOf(new WriteMismatch('mongo', 'delete', 1, 0))).toBe('once-more');
});

test.each([
  [postgresError('28000'), 'permanent'],
  [postgresError('28P01'), 'permanent'],
  [postgresError('42501'), 'permanent'],
  [postgresError('3D000'), 'permanent'],
  [mongoError(18), 'permanent'],
  [postgresError('53300'), 'unreachable'],
  [postgresError('57P03'), 'unreachable'],
  [postgresError('XX000'), 'unreachable'],
  [postgresError('ECONNREFUSED'), 'unreachable'],
  [new Error('timeout expired'), 'unreachable'],
])('connecting again in vain, for %s: %s', (cause, meaning) => {
  const failure = new Failure('operational', { doing: '', problem: '', next: '' }, { cause });
  expect(transienceOf(failure)).toBe(meaning);
});

test('a broken connection passes, whichever driver or socket says so', () => {
  expect(transienceOf(new Error('Connection terminated unexpectedly'))).toBe('transient');
  expect(transienceOf(new Error('Query read timeout'))).toBe('transient');
  expect(transienceOf(postgresError('EPIPE'))).toBe('transient');
  expect(transienceOf(postgresError('ECONNRESET'))).toBe('transient');
});

test('a reason that is wrapped in an error without a code of its own is found', () => {
  const wrapped = new MongoError('the bulk write failed', { cause: new MongoNetworkError('gone') });
  expect(transienceOf(wrapped)).toBe('unreachable');
});

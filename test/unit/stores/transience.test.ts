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

/** Each with its meaning. */
function table(byMeaning: Partial<Record<Transience, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(byMeaning).flatMap(([meaning, all]) => all.split(' ').map((one) => [one, meaning])),
  );
}

/** SQLSTATEs that real servers give; nothing is known of the last four that cost one more attempt. */
const SQLSTATES = table({
  permanent: '0A000 22001 23503 25006 28000 3D000 40002 42501 44000 53100 53400 54000 55000 P0001',
  'once-more': '23505 23P01 XX000 58030 UE001 25P02',
  transient: '08006 08P01 25P03 25P04 40001 40P01 53200 53300 55006 55P03 57014 57P01 57P02 57P03',
});

test('every line about PostgreSQL has its example here', () => {
  const examples = Object.keys(SQLSTATES);
  expect(Object.keys(BY_SQLSTATE).filter((line) => !examples.some((code) => code.startsWith(line)))).toEqual(
    [],
  );
});

test.each(Object.entries(SQLSTATES))('PostgreSQL: %s is %s', (code, meaning) => {
  expect(transienceOf(postgresError(code))).toBe(meaning);
});

/** Of MongoDB, which numbers mean what; those that the issue of this table names come first. */
const MONGO_CODES = table({
  permanent:
    '121 13 2 9 11 14 15 18 20 22 26 28 40 52 53 55 57 59 61 66 72 73 115 166 238 257 263 303 322 323 371 388 ' +
    '8000 10334 14031',
  'once-more': '11000 11001',
  transient:
    '112 189 91 10107 11600 11602 13435 13436 6 7 24 43 46 50 63 64 79 89 100 133 134 150 202 206 216 225 237 ' +
    '239 246 249 250 251 261 262 267 272 279 281 282 290 317 355 358 365 384 402 407 433 449 9001 10058 11601 13388',
});

test('every line about MongoDB stands here, with its meaning; any other number costs one more attempt', () => {
  expect(Object.fromEntries(BY_MONGO_CODE)).toEqual(MONGO_CODES);
  for (const [code, meaning] of Object.entries(MONGO_CODES))
    expect([code, transienceOf(mongoError(Number(code)))]).toEqual([code, meaning]);
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
  expect(meanings).toEqual(
    table({
      unreachable:
        'Failure MongoNetworkError MongoNetworkTimeoutError MongoPoolClearedError PoolClearedOnNetworkError ' +
        'MongoServerSelectionError',
      transient: 'MongoWaitQueueTimeoutError MongoOperationTimeoutError',
      'once-more': 'WriteMismatch',
      permanent:
        'LaggingSequence UnplannedEffect StillCommitting UnwritableRow BSONError BSONRuntimeError ' +
        'MongoInvalidArgumentError RangeError ReferenceError TypeError',
    }),
  );
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

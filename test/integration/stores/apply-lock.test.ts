import { describe, expect, test } from 'vitest';
import { takeApplyLock, type ApplyLock, type ApplyPart } from '../../../src/stores/postgres/apply-lock.js';
import { failureOf } from '../../failure.js';
import { fileDatabases } from '../../servers.js';
import { postgresSettings } from './test-connections.js';

const databases = await fileDatabases();
const settings = postgresSettings(databases);

/** Every test has a table of its own: they wait for ten seconds side by side. */
let lastOid = 4_000_000_000;
const newOid = (): number => ++lastOid;

const part = (index: number, count = 3, whole = 'sha256:plan'): ApplyPart => ({ whole, index, count });

function take(oid: number, given: ApplyPart | null, who = 'ann@desk'): Promise<ApplyLock> {
  return takeApplyLock(settings, oid, who, new Date(), given);
}

/** Holds locks while something is tried, and lets go of them whatever comes of it. */
async function holding(
  oid: number,
  held: readonly (ApplyPart | null)[],
  tried: () => Promise<unknown>,
): Promise<void> {
  const locks = [];
  try {
    for (const one of held) locks.push(await take(oid, one, 'holder@desk'));
    await tried();
  } finally {
    for (const lock of locks) await lock.release();
  }
}

const KEPT_OUT = /another apply is running: fix-roles apply holder@desk/;

describe('parts of one plan', () => {
  test('are held side by side', async () => {
    await holding(newOid(), [part(0), part(1), part(2)], () => Promise.resolve());
  });

  test('can be taken all at the same moment', async () => {
    const oid = newOid();
    const locks = await Promise.all(Array.from({ length: 8 }, (_, index) => take(oid, part(index, 8))));
    for (const lock of locks) await lock.release();
    expect(locks).toHaveLength(8);
  });
});

test.concurrent.for<[string, ApplyPart | null, ApplyPart | null]>([
  ['the same part', part(1), part(1)],
  ['a part of another plan', part(1), part(2, 3, 'sha256:other')],
  ['a part of another division of the same plan', part(1), part(2, 4)],
  ['a part beside a whole plan', null, part(1)],
  ['a whole plan beside a part', part(1), null],
  ['a whole plan beside another', null, null],
])('%s is kept out, with the name of the holder', async ([, held, tried], { expect }) => {
  const oid = newOid();
  await holding(oid, [held], () => expect(take(oid, tried)).rejects.toThrow(KEPT_OUT));
});

test('the holder is named to whoever may see no more than the name', async () => {
  const { pg } = databases;
  const user = `${databases.postgresDb}_l`.slice(0, 63);
  await pg.query(`CREATE ROLE "${user}" LOGIN PASSWORD 'a plain one'`);
  try {
    const oid = newOid();
    await holding(oid, [null], async () => {
      const other = { ...settings, user, password: 'a plain one' };
      const { text } = await failureOf(takeApplyLock(other, oid, 'ann@desk', new Date()));
      expect(text.problem).toMatch(/: fix-roles apply holder@desk [^(]+ \(backend \d+\)$/);
      expect(text.next).toMatch(/SELECT pg_terminate_backend\(\d+\);/);
    });
  } finally {
    await pg.query(`DROP ROLE "${user}"`);
  }
});

test('an application that holds the same lock is not taken for another apply, and nobody is told to end it', async () => {
  const oid = newOid();
  // As the server's signed numbers.
  const key = [0x66697872, oid | 0];
  await databases.pg.query('SELECT pg_advisory_lock($1::int4, $2::int4)', key);
  try {
    const { text } = await failureOf(take(oid, null));
    expect(text.problem).toContain('something else holds the lock that apply takes');
    expect(text.next).not.toContain('pg_terminate_backend');
  } finally {
    await databases.pg.query('SELECT pg_advisory_unlock($1::int4, $2::int4)', key);
  }
});

test('of two plans whose parts come at the same moment, only one is let in', async () => {
  const oid = newOid();
  const given = [part(0, 2, 'a'), part(0, 2, 'b'), part(1, 2, 'a'), part(1, 2, 'b')];
  const ends = await Promise.allSettled(given.map((one) => take(oid, one)));
  const inside = new Set(
    ends.flatMap((end, index) => (end.status === 'fulfilled' ? [given[index]?.whole] : [])),
  );
  for (const end of ends) if (end.status === 'fulfilled') await end.value.release();
  expect(inside.size).toBe(1);
});

test('a part waits for a whole plan to end, and comes in then', async () => {
  const oid = newOid();
  const whole = await take(oid, null);
  const waiting = take(oid, part(0));
  await whole.release();
  await (await waiting).release();
});

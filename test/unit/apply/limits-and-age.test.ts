import { describe, expect, it } from 'vitest';
import { checkAge } from '../../../src/apply/gates.js';
import { checkLimit, PendingTally } from '../../../src/apply/limit.js';
import { parseAge, parseLimit } from '../../../src/cli/apply-flags.js';
import { NO_HISTORY } from '../../../src/files/receipt/history.js';
import { DEFAULT_APPLY_OPTIONS, type Limit } from '../../../src/model/apply-options.js';
import { Failure } from '../../../src/model/failure.js';
import { mongoChange, observedMongo, observedPostgres, postgresChange } from './sample-rows.js';

const HOUR = 3_600_000;
const { maxAgeMs: DEFAULT_MAX_AGE_MS } = DEFAULT_APPLY_OPTIONS;
const DEFAULT_MAX_REMOVALS: Limit = DEFAULT_APPLY_OPTIONS.maxRemovals;

function failureOf(act: () => unknown): Failure | undefined {
  try {
    act();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

describe('--max-age', () => {
  it.each([
    ['30m', HOUR / 2],
    ['24h', 24 * HOUR],
    ['7d', 7 * 24 * HOUR],
    ['0m', 0],
  ])('reads %s', (text, milliseconds) => {
    expect(parseAge(text)).toBe(milliseconds);
  });

  it.each(['', '7', 'd', '1w', '-1d', '1.5h', ' 1d', '1d ', '9999999d', '1H'])('refuses %j', (text) => {
    expect(failureOf(() => parseAge(text))?.kind).toBe('usage');
  });
});

describe('the age of a plan', () => {
  const asOf = '2026-11-22T06:15:00.000Z';
  const at = Date.parse(asOf);

  it('may be seven days unless something else is said, and not a millisecond more', () => {
    expect(DEFAULT_MAX_AGE_MS).toBe(7 * 24 * HOUR);
    checkAge(asOf, DEFAULT_MAX_AGE_MS, NO_HISTORY, at + DEFAULT_MAX_AGE_MS);
    const late = failureOf(() => {
      checkAge(asOf, DEFAULT_MAX_AGE_MS, NO_HISTORY, at + DEFAULT_MAX_AGE_MS + 1);
    });
    expect(late?.kind).toBe('refused');
    expect(late?.text.next).toContain('--max-age');
  });

  it('does not matter once a team was begun, but a run that began none changes nothing', () => {
    const run = { at: asOf, who: 'ann@desk', result: null, sessions: [] };
    const begun = { runs: [run], teams: new Map([['7ea300000000000000000001', 'begun' as const]]) };
    checkAge(asOf, HOUR, begun, at + 100 * HOUR);
    const idle = failureOf(() => {
      checkAge(asOf, HOUR, { runs: [run], teams: new Map() }, at + 100 * HOUR);
    });
    expect(idle?.kind).toBe('refused');
  });
});

describe('--max-removals and --max-grants', () => {
  it('are a number or a percentage', () => {
    expect(parseLimit('--max-removals', '0')).toEqual({ kind: 'rows', rows: 0 });
    expect(parseLimit('--max-removals', '500')).toEqual({ kind: 'rows', rows: 500 });
    expect(parseLimit('--max-grants', '10%')).toEqual({ kind: 'percent', percent: 10, floor: 0 });
    expect(parseLimit('--max-grants', '100%')).toEqual({ kind: 'percent', percent: 100, floor: 0 });
  });

  it.each(['', '%', '101%', '-1', '1.5', '1e3', '5 %', 'ten'])('refuse %j', (text) => {
    const failure = failureOf(() => parseLimit('--max-grants', text));
    expect(failure?.kind).toBe('usage');
    expect(failure?.message).toContain('--max-grants');
  });
});

describe('what limits count', () => {
  const wanted = { owner: ['owner', 'admin', 'member'], member: ['member'] };

  it('is removals in each store, and those new roles that only owners want', () => {
    const tally = new PendingTally(wanted);
    const changes = [
      mongoChange('insert', observedMongo({ role: 'owner' })),
      mongoChange('reactivate', observedMongo({ role: 'admin', active: false })),
      mongoChange('insert', observedMongo({ role: 'member' })),
      mongoChange('delete'),
      mongoChange('deactivate'),
      postgresChange('insert', observedPostgres({ role: 'admin' })),
      postgresChange('reactivate', observedPostgres({ active: false })),
      postgresChange('deactivate'),
    ];
    tally.add(changes);
    expect(tally.counts).toEqual({ mongo: { removals: 2, grants: 2 }, postgres: { removals: 1, grants: 1 } });
  });
});

describe('a limit', () => {
  const counts = (mongo: number, postgres: number) => ({
    mongo: { removals: mongo, grants: 0 },
    postgres: { removals: postgres, grants: 0 },
  });
  const rows = (active: number) => (_: unknown, atMost: number) => Promise.resolve(Math.min(active, atMost));
  const refused = (mongo: number, postgres: number, active: number, limit = DEFAULT_MAX_REMOVALS) =>
    checkLimit('removals', limit, counts(mongo, postgres), rows(active)).then(
      () => null,
      (error: unknown) => (error instanceof Failure ? error.text.problem : error),
    );

  it('is a quarter by default, but ten rows in any case', async () => {
    expect(await refused(10, 10, 8)).toBeNull();
    expect(await refused(11, 0, 8)).toMatch(/at most 10 /);
    expect(await refused(250, 0, 1_000)).toBeNull();
    expect(await refused(251, 0, 1_000)).toMatch(/at most 250 /);
  });

  it('of a share counts no more rows than decide it', async () => {
    const asked: number[] = [];
    const active = (_: unknown, atMost: number): Promise<number> => {
      asked.push(atMost);
      return Promise.resolve(atMost);
    };
    await checkLimit('removals', parseLimit('--max-removals', '30%'), counts(100, 7), active);
    // 30 % of 333 rows are 99.9, of 334 they are 100.2.
    expect(asked).toEqual([334, 24]);
  });

  it.each(['0', '0%'])('of %s allows nothing, and asks for no rows', async (none) => {
    const limit = parseLimit('--max-removals', none);
    expect(await refused(0, 0, Infinity, limit)).toBeNull();
    expect(await refused(1, 0, Infinity, limit)).toMatch(/at most 0 /);
  });

  it('that both stores exceed is lifted by the number that it names', async () => {
    for (const what of ['removals', 'grants'] as const) {
      const both = { mongo: { removals: 2, grants: 2 }, postgres: { removals: 7, grants: 7 } };
      const check = (limit: string) =>
        checkLimit(what, parseLimit(`--max-${what}`, limit), both, rows(0)).catch((error: unknown) => error);
      const refusal = await check('1');
      const named = /--max-\w+ (\d+)\.$/.exec(refusal instanceof Failure ? refusal.text.next : '')?.[1] ?? '';
      expect(await check(named)).toBeUndefined();
    }
  });

  it('is checked for each store against its own rows', async () => {
    const active = (store: 'mongo' | 'postgres', atMost: number) =>
      Promise.resolve(Math.min(store === 'mongo' ? 10_000 : 1_000, atMost));
    await expect(checkLimit('removals', DEFAULT_MAX_REMOVALS, counts(300, 300), active)).rejects.toThrow(
      /300 removals in postgres, but at most 250/,
    );
  });
});

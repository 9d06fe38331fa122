import type { MongoConnection } from '../stores/mongo/connection.js';
import type { PostgresReading } from '../stores/postgres/transaction.js';
import type { CheckResult } from '../model/doctor-check.js';
import { verdict, warning } from './verdict.js';

/** Milliseconds since 1970. */
export async function askMongoTime({ client }: MongoConnection): Promise<number> {
  const { localTime: time } = await client.db('admin').command({ hello: 1 });
  if (!(time instanceof Date)) throw new Error('the server does not tell its time');
  return time.getTime();
}

/** Milliseconds since 1970. */
export async function askPostgresTime({ client }: PostgresReading): Promise<number> {
  const { rows } = await client.query<{ now: string }>(
    'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::text AS now',
  );
  return Number(rows[0]?.now);
}

export interface ClockDifference {
  /** Milliseconds by which the server is ahead; negative: behind. */
  readonly aheadMs: number;
  /** The possible error in milliseconds: half of the time that the answer took. */
  readonly uncertaintyMs: number;
}

const SAMPLES = 3;

/**
 * Compares clocks as NTP does: the server's time belongs to the middle between question and
 * answer. Only the quickest answer counts.
 *
 * @param ask returns the server's time in milliseconds since 1970
 */
export async function compareClocks(ask: () => Promise<number>): Promise<ClockDifference> {
  let best: ClockDifference = { aheadMs: 0, uncertaintyMs: Infinity };
  for (let sample = 0; sample < SAMPLES; sample++) {
    const asked = Date.now();
    const told = await ask();
    const answered = Date.now();
    const uncertaintyMs = (answered - asked) / 2;
    const aheadMs = told - (asked + answered) / 2;
    if (uncertaintyMs < best.uncertaintyMs) best = { aheadMs, uncertaintyMs };
  }
  return best;
}

/** More than networks and busy machines explain. */
const NOTICED_MS = 5_000;

/** `asOf`, and so every time that is written, comes from this machine. */
export function judgeClock({ aheadMs, uncertaintyMs }: ClockDifference): CheckResult {
  const found = `${seconds(Math.abs(aheadMs))} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine, give or take ${seconds(uncertaintyMs)} s`;
  const differ = warning(
    'the clocks differ: times in plans and in new rows come from this machine, and a plan from the future is refused',
    'Have both machines synchronise their clocks (NTP), or run fix-roles where the time is right.',
  );
  return verdict(found, Math.abs(aheadMs) - uncertaintyMs < NOTICED_MS ? [] : [differ]);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(milliseconds < 10_000 ? 2 : 0);
}

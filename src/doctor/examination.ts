import type { MongoConnectionOptions } from '../stores/mongo/connection.js';
import type { Check, CheckResult } from '../model/check.js';
import { Failure } from '../model/failure.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import type { Patience } from '../model/waiting.js';
import { notMade } from './verdict.js';

/** What the checks of both stores go by. */
export interface Examination {
  readonly mapping: Mapping;
  readonly policy: Policy;
  /** `plan`: what only `apply` needs is left out. */
  readonly purpose: 'plan' | 'apply';
  /** What no message may hold. */
  readonly secrets: readonly string[];
  readonly patience: Patience;
  readonly onWait?: MongoConnectionOptions['onWait'];
  /** Milliseconds since 1970: what certificates are compared with. */
  readonly now: number;
}

/** The checks of one store. */
export interface StoreChecks<Name extends string, Connection> {
  readonly store: Check['store'];
  /** For people; in this order. */
  readonly titles: Readonly<Record<Name, string>>;
  readonly onlyForApply: readonly Name[];
  connect(): Promise<Connection>;
  /** What to make of a connection that does not come about; then no other check is made. */
  unreachable(failure: Failure): Partial<Record<Name, CheckResult>>;
  examine(connection: Connection): Promise<Record<Name, CheckResult>>;
}

/** Makes them; whatever fails is the result of its own check. */
export async function makeChecks<Name extends string, Connection extends { close(): Promise<void> }>(
  checks: StoreChecks<Name, Connection>,
  purpose: Examination['purpose'],
): Promise<Check[]> {
  const { store, titles, onlyForApply } = checks;
  const made = await results(checks);
  const isName = (name: string): name is Name => name in titles;
  const names = Object.keys(titles).filter(isName);
  const product = store === 'mongo' ? 'MongoDB' : 'PostgreSQL';
  return names
    .filter((name) => purpose === 'apply' || !onlyForApply.includes(name))
    .map((check) => {
      const result = made[check] ?? notMade(`${product} cannot be reached`);
      return { store, check, title: titles[check], result };
    });
}

async function results<Name extends string, Connection extends { close(): Promise<void> }>(
  checks: StoreChecks<Name, Connection>,
): Promise<Partial<Record<Name, CheckResult>>> {
  let connection: Connection;
  try {
    connection = await checks.connect();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return checks.unreachable(error);
  }
  try {
    return await checks.examine(connection);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

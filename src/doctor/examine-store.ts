import type { MongoConnectionOptions } from '../stores/mongo/connection.js';
import type { Check, CheckResult } from '../model/doctor-check.js';
import { Failure } from '../model/failure.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import type { Patience } from '../model/waiting.js';
import { notMade } from './verdict.js';

export interface Examination {
  readonly mapping: Mapping;
  readonly policy: Policy;
  /** `plan` leaves out the checks that only `apply` needs. */
  readonly purpose: 'plan' | 'apply';
  /** No message may contain these. */
  readonly secrets: readonly string[];
  readonly patience: Patience;
  readonly onWait?: MongoConnectionOptions['onWait'];
  /** Milliseconds since 1970, for judging certificates. */
  readonly now: number;
}

/** What is asked of one store, and how: `mongo-checks.ts` and `postgres-checks.ts` list the checks. */
export interface StoreChecks<Name extends string, Connection> {
  readonly store: Check['store'];
  /** For people, in the order of the report. */
  readonly titles: Readonly<Record<Name, string>>;
  readonly onlyForApply: readonly Name[];
  readonly connect: () => Promise<Connection>;
  /** The results of a failed connection; no other check is made then. */
  readonly unreachable: (failure: Failure) => Partial<Record<Name, CheckResult>>;
  readonly examine: (connection: Connection) => Promise<Record<Name, CheckResult>>;
}

/** Makes the checks. A failing check is its own result and must not stop the others. */
export async function examineStore<Name extends string, Connection extends { close(): Promise<void> }>(
  { store, titles, onlyForApply, connect, unreachable, examine }: StoreChecks<Name, Connection>,
  purpose: Examination['purpose'],
): Promise<Check[]> {
  const connection = await connect().catch((error: unknown) => {
    if (error instanceof Failure) return error;
    throw error;
  });
  const made: Partial<Record<Name, CheckResult>> =
    connection instanceof Failure
      ? unreachable(connection)
      : await examine(connection).finally(() => connection.close().catch(() => undefined));
  const isName = (name: string): name is Name => name in titles;
  const product = store === 'mongo' ? 'MongoDB' : 'PostgreSQL';
  return Object.keys(titles)
    .filter(isName)
    .filter((name) => purpose === 'apply' || !onlyForApply.includes(name))
    .map((check) => {
      const result = made[check] ?? notMade(`${product} cannot be reached`);
      return { store, check, title: titles[check], result };
    });
}

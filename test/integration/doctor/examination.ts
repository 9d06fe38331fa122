import { examineStores } from '../../../src/doctor/examine.js';
import type { MongoSettings } from '../../../src/stores/mongo/connection.js';
import type { PostgresSettings } from '../../../src/stores/postgres/connection.js';
import type { Check, CheckResult } from '../../../src/model/doctor-check.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { TestDatabases } from '../../servers.js';
import { mongoSettings, postgresSettings } from '../stores/test-connections.js';

/** What is examined otherwise than the databases as they are, for an apply. */
export interface Changes {
  readonly mongo?: Partial<MongoSettings>;
  readonly postgres?: Partial<PostgresSettings>;
  readonly mapping?: Mapping;
  readonly purpose?: 'plan' | 'apply';
}

export async function examine(databases: TestDatabases, changes: Changes = {}): Promise<Check[]> {
  const { mongo, postgres, mapping = DEFAULT_MAPPING, purpose = 'apply' } = changes;
  return examineStores(
    {
      mongo: { ...mongoSettings(databases), ...mongo },
      postgres: { ...postgresSettings(databases), ...postgres },
    },
    { mapping, policy: DEFAULT_POLICY, purpose, secrets: [], now: Date.now() },
  );
}

export function resultOf(checks: readonly Check[], store: Check['store'], name: string): CheckResult {
  const found = checks.find((check) => check.store === store && check.check === name);
  if (found === undefined) throw new Error(`there is no check ${store} ${name}`);
  return found.result;
}

/** What one check comes to, of `store.check`. */
export async function checkOf(
  databases: TestDatabases,
  name: string,
  changes: Changes = {},
): Promise<CheckResult> {
  const [store, check = ''] = name.split('.');
  return resultOf(await examine(databases, changes), store === 'mongo' ? 'mongo' : 'postgres', check);
}

/** Everything that is not as it should be, as `store.check: status`. */
export function troubles(checks: readonly Check[]): string[] {
  return checks
    .filter(({ result }) => result.status !== 'passed')
    .map(({ store, check, result }) => `${store}.${check}: ${result.status}`);
}

/** What was seen, after the status: `passed: 51 teams`. */
export function seen(result: CheckResult): string {
  return result.status === 'not-made' ? result.reason : `${result.status}: ${result.found}`;
}

export function statementsOf(result: CheckResult): readonly string[] {
  if (result.status !== 'failed' && result.status !== 'warning') return [];
  return result.problems.flatMap((problem) => problem.statements);
}

/** Failed or warned of, with every problem and statement in one text. */
export function said(result: CheckResult): string {
  if (result.status !== 'failed' && result.status !== 'warning') return result.status;
  return result.problems
    .map(({ problem, statements }) => [result.status, problem, ...statements].join('\n'))
    .join('\n');
}

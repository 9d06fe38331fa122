import type { PlanHeader } from '../files/plan/schema.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { PostgresConnection } from '../stores/postgres/connection.js';
import { describeRoleTable } from '../stores/postgres/role-table.js';
import { readFailed } from '../stores/read-failure.js';
import { readTargets } from '../stores/targets.js';
import { Failure } from '../model/failure.js';
import { withoutNames } from '../model/mapping.js';
import type { Targets } from '../model/targets.js';
import type { SurveyStores } from './survey.js';

/** @throws Failure (refused) if the plan was made for other databases, (operational) where they cannot be read */
export async function storesOfPlan(
  { targets, mapping }: PlanHeader,
  mongo: MongoConnection,
  postgres: PostgresConnection,
): Promise<SurveyStores> {
  checkTargets(targets, await readTargets(mongo, postgres, withoutNames(mapping)));
  const table = await postgres
    .read(({ client }) => describeRoleTable(client, mapping))
    .catch(readFailed('PostgreSQL', postgres));
  return { mongo, postgres, table };
}

/**
 * Compares the databases' own identities, never names, hosts or ports (docs/design.md, "The plan file").
 *
 * @throws Failure (refused) that shows planned and found
 */
export function checkTargets(planned: Targets, found: Targets): void {
  const differences = [
    ...differencesBetween('mongo', planned.mongo, found.mongo),
    ...differencesBetween('postgres', planned.postgres, found.postgres),
  ];
  if (differences.length === 0) return;
  throw new Failure('refused', {
    doing: 'checking that the plan was made for these databases',
    problem: `it was made for others: ${differences.join('; ')}`,
    next: 'Connect to the databases that the plan names (.env or --dotenv); for these, make a new one with fix-roles plan. A database that was restored or made anew is another one, even under the same name.',
  });
}

function differencesBetween(path: string, planned: unknown, found: unknown): string[] {
  if (isRecord(planned) && isRecord(found)) {
    const keys = [...new Set([...Object.keys(planned), ...Object.keys(found)])];
    return keys.flatMap((key) => differencesBetween(`${path}.${key}`, planned[key], found[key]));
  }
  if (planned === found) return [];
  return [`${path} planned ${JSON.stringify(planned)}, found ${JSON.stringify(found)}`];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

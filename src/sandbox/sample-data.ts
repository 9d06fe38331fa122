import type { Db } from 'mongodb';
import type { ClientBase } from 'pg';
import type { SampleCase } from './sample-case.js';
import { creatorCases } from './sample-cases/creators.js';
import { healthyCases } from './sample-cases/healthy.js';
import { linkCases } from './sample-cases/links.js';
import { memberCases } from './sample-cases/members.js';
import { oddValueCases } from './sample-cases/odd-values.js';
import { unrepairableCases } from './sample-cases/unrepairable.js';

/** Every case, each around its own team. No case may depend on chance or on the clock. */
export const sampleCases: readonly SampleCase[] = [
  ...healthyCases,
  ...creatorCases,
  ...memberCases,
  ...linkCases,
  ...unrepairableCases,
  ...oddValueCases,
];

/** Fills empty databases with sample cases; they must have the backend's schema. */
export async function insertSampleData(db: Db, client: ClientBase, cases = sampleCases): Promise<void> {
  await db.collection('teams').insertMany(cases.flatMap((sample) => sample.teams));
  await db.collection('user_team_details').insertMany(cases.flatMap((sample) => sample.memberships));
  await db.collection('user_roles').insertMany(cases.flatMap((sample) => sample.mongoRoles));
  const rows = cases.flatMap((sample) => sample.postgresRoles);
  const columns = Object.keys(rows[0] ?? {}).join(', ');
  // One statement, in the order of the cases, so that the serial ids are always the same.
  await client.query(
    `INSERT INTO public.postgres_user_roles (${columns})
     SELECT ${columns} FROM jsonb_populate_recordset(NULL::public.postgres_user_roles, $1)`,
    [JSON.stringify(rows)],
  );
}

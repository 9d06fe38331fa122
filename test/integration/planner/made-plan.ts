import type { Document } from 'mongodb';
import { z } from 'zod';
import {
  blockSchema,
  decisionSchema,
  findingSchema,
  planTeamSchema,
  summarySchema,
} from '../../../src/files/plan/schema.js';
import { openPlanWriter } from '../../../src/files/plan/writer.js';
import type { PlanSink } from '../../../src/files/sink.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { planChanges, type PlanRequest } from '../../../src/planner/plan-changes.js';
import type { FactsReader } from '../../../src/stores/facts-reader.js';
import { openFactsReader } from '../../../src/stores/open-facts-reader.js';
import type { Connections } from '../../../src/stores/connections.js';
import type { TestDatabases } from '../../servers.js';
import type { TestConnections } from '../stores/test-connections.js';

export const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

export function memorySink(): PlanSink & { readonly text: () => string; readonly state: () => string } {
  const chunks: Buffer[] = [];
  let state = 'open';
  return {
    write: (bytes) => {
      chunks.push(Buffer.from(bytes));
      return Promise.resolve();
    },
    commit: () => {
      state = 'committed';
      return Promise.resolve();
    },
    discard: () => {
      state = 'discarded';
      return Promise.resolve();
    },
    text: () => Buffer.concat(chunks).toString(),
    state: () => state,
  };
}

/** Plans as the command does, with a snapshot of its own, and writes the plan into a sink. */
export async function planInto(
  out: PlanSink,
  connections: Pick<Connections, 'mongo' | 'postgres'>,
  changed: Partial<PlanRequest> = {},
  reading: Parameters<typeof openFactsReader>[2] = {},
): Promise<void> {
  const reader = await openFactsReader(connections, changed.mapping ?? DEFAULT_MAPPING, reading);
  try {
    await planFrom(reader, out, changed);
  } finally {
    await reader.close();
  }
}

/** Plans what a reader reads, all teams under the default policy and mapping unless that is changed. */
export async function planFrom(
  reader: FactsReader,
  out: PlanSink,
  changed: Partial<PlanRequest>,
): Promise<void> {
  await planChanges({
    reader,
    policy: DEFAULT_POLICY,
    mapping: DEFAULT_MAPPING,
    filter: { teams: null, excludeTeams: [], shard: null },
    asOf: AS_OF,
    now: AS_OF,
    tool: 'fix-roles/test',
    writer: await openPlanWriter(),
    out,
    ...changed,
  });
}

export async function makePlan(
  connections: TestConnections,
  changed: Partial<PlanRequest> & { readonly batchSize?: number } = {},
): Promise<string> {
  const { batchSize = 3, ...request } = changed;
  const out = memorySink();
  await planInto(out, connections, request, { batchSize });
  return out.text();
}

const planSchema = z.object({
  summary: summarySchema,
  findings: z.array(findingSchema),
  blocked: z.array(blockSchema),
  teams: z.array(z.strictObject({ team: planTeamSchema, decisions: z.array(decisionSchema) })),
});
export type Plan = z.infer<typeof planSchema>;

export function parsed(text: string): Plan {
  return planSchema.parse(JSON.parse(text));
}

/** What both databases are to hold: documents, and rows as JSON. */
export interface Stores {
  readonly teams?: readonly Document[];
  readonly mongo?: readonly Document[];
  readonly postgres?: readonly object[];
}

/** Makes the databases hold exactly this. */
export async function fill(databases: TestDatabases, stores: Stores): Promise<void> {
  for (const [name, documents = []] of [
    ['teams', stores.teams],
    ['user_roles', stores.mongo],
  ] as const) {
    await databases.mongo.collection(name).deleteMany({});
    if (documents.length > 0) await databases.mongo.collection(name).insertMany([...documents]);
  }
  await databases.pg.query('TRUNCATE postgres_user_roles');
  await databases.pg.query(
    `INSERT INTO postgres_user_roles (id, mongo_id, user_id, team_id, role_name, scope, is_active, created_at, created_by, last_sync_at, sync_status)
     SELECT id, mongo_id, user_id, team_id, role_name, scope, is_active, '2026-01-01 00:00:00.000001Z', 'system', now(), 'SYNCED'
     FROM json_populate_recordset(NULL::postgres_user_roles, $1::json)`,
    [JSON.stringify(stores.postgres ?? [])],
  );
}

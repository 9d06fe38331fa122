import { z } from 'zod';
import { decisionSchema } from '../../../src/files/plan/decision-schema.js';
import { blockSchema, findingSchema, planTeamSchema, summarySchema } from '../../../src/files/plan/schema.js';
import { openPlanWriter } from '../../../src/files/plan/writer.js';
import type { PlanSink } from '../../../src/files/sink.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { planChanges, type PlanRequest } from '../../../src/planner/plan-changes.js';
import type { FactsReader } from '../../../src/stores/facts-reader.js';
import { openFactsReader } from '../../../src/stores/open-facts-reader.js';
import { endSnapshot } from '../stores/test-connections.js';
import type { Connections } from '../../../src/stores/connections.js';
import { fill, type Contents } from '../../databases.js';
import type { TestDatabases } from '../../servers.js';

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
  try {
    const reader = await openFactsReader(connections, changed.mapping ?? DEFAULT_MAPPING, reading);
    await planFrom(reader, out, changed);
  } finally {
    await endSnapshot(connections);
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
  connections: Connections,
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

/** Makes the databases hold exactly this: rows with what is not said of them. */
export function fillWith(databases: TestDatabases, { rows = [], ...contents }: Contents): Promise<void> {
  const synced = { created_by: 'system', last_sync_at: '2026-01-02', sync_status: 'SYNCED' };
  const usual = { scope: 'TEAM', is_active: true, created_at: '2026-01-01 00:00:00.000001Z', ...synced };
  return fill(databases, { ...contents, rows: rows.map((row) => ({ ...usual, ...row })) });
}

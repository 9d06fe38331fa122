import { openPlanWriter } from '../../../src/files/plan/writer.js';
import type { PlanSink } from '../../../src/files/sink.js';
import { planChanges, type PlanRequest } from '../../../src/planner/plan-changes.js';
import { openFactsReader } from '../../../src/stores/open-facts-reader.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { TestConnections } from '../stores/test-connections.js';

export const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');

/** A sink that keeps the bytes. */
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

/** Plans as the command does, with a snapshot of its own, and returns the bytes. */
export async function makePlan(
  connections: TestConnections,
  changed: Partial<PlanRequest> & { readonly batchSize?: number } = {},
): Promise<string> {
  const { batchSize = 3, ...request } = changed;
  const mapping = request.mapping ?? DEFAULT_MAPPING;
  const reader = await openFactsReader(connections, mapping, { batchSize });
  const out = memorySink();
  try {
    await planChanges({
      reader,
      policy: DEFAULT_POLICY,
      mapping,
      filter: { teams: null, excludeTeams: [], shard: null },
      asOf: AS_OF,
      now: AS_OF,
      tool: 'fix-roles/test',
      writer: await openPlanWriter(),
      out,
      ...request,
    });
  } finally {
    await reader.close();
  }
  return out.text();
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readReceipt } from '../../../src/files/receipt/index.js';
import type { AppliedChange, ReceiptEvent, RecordedOutcome } from '../../../src/files/receipt/schema.js';
import { insertedDocument, insertedRow } from '../../../src/files/row-image.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { NamedReceipt } from '../../../src/views/receipt/receipt-teams.js';
import { AS_OF, AT, id } from '../files/sample-plan.js';

/** A run on some databases. */
export const RUN: Extract<ReceiptEvent, { event: 'run' }> = {
  event: 'run',
  format: 'fix-roles/receipt',
  formatVersion: 2,
  at: AS_OF,
  tool: 'fix-roles/1.0.0',
  plan: `sha256:${'ab'.repeat(32)}`,
  kind: 'fix',
  asOf: AS_OF,
  targets: {
    mongo: { database: 'app', replicaSet: 'rs0', collections: {} },
    postgres: { systemIdentifier: '7', database: 'app', table: 'public.t', oid: 5 },
  },
  policy: DEFAULT_POLICY,
  mapping: DEFAULT_MAPPING,
  who: 'ann@desk',
  teams: 2,
};

export function end(result: 'complete' | 'incomplete' | 'interrupted'): ReceiptEvent {
  return { event: 'end', at: AS_OF, result };
}

/** A user who loses a role in both stores, in rows numbered so. */
export function losing(team: string, user: string, role: string, number = 1): AppliedChange[] {
  const row = { team, user, role, link: id('d', number) };
  const before = { id: String(number), ...insertedRow(row, AT, DEFAULT_MAPPING) };
  const change = { op: 'delete', user, role, after: null } as const;
  return [
    { ...change, store: 'mongo', before: insertedDocument(row, AT, DEFAULT_MAPPING) },
    { ...change, store: 'postgres', before },
  ];
}

/** What a receipt says of a team that one run came to. */
export function told(
  team: string,
  outcome: RecordedOutcome | 'begun',
  changes: readonly AppliedChange[] = losing(team, id('b', 1), 'admin'),
  problem: string | null = null,
): ReceiptEvent[] {
  const intent: ReceiptEvent = { event: 'intent', at: AS_OF, team, changes: [...changes] };
  if (outcome === 'begun') return [intent];
  return [intent, { event: 'outcome', at: AS_OF, team, outcome, problem }];
}

/** Writes the events into a file, and reads them as a receipt. */
export async function namedReceipt(
  folder: string,
  events: readonly ReceiptEvent[],
  name = 'plan.json.receipt.jsonl',
): Promise<NamedReceipt> {
  const path = join(folder, name);
  await writeFile(path, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const receipt = await readReceipt({ kind: 'file', path, trust: 'any' });
  return { receipt, file: name, together: [name], nameOf: String, planOf: String };
}

import { z } from 'zod';
import type { Approver } from '../../model/approval.js';
import { OPS } from '../../model/change.js';
import { FORMAT_VERSION, type FormatVersion } from '../../model/format-version.js';
import { liftedMappingSchema1, mappingSchema, type Mapping } from '../../model/mapping.js';
import type { TableEffect } from '../../model/outcome.js';
import { liftedPolicySchema1, policySchema, roleNameSchema, type Policy } from '../../model/policy.js';
import { mongoImageSchema, postgresImageSchema } from '../plan/decision-schema.js';
import { idSchema, instantSchema, sha256Schema, shownTextSchema, targetsSchema } from '../plan/schema.js';

/** The one definition of the receipt: one JSON line an event, append-only (docs/design.md, "Apply"). */
export const RECEIPT_FORMAT = 'fix-roles/receipt';

/**
 * What became of a team in one run: those outcomes of `model/outcome.ts` that a run itself brings about. `overtaken`:
 * applied, but the read-back differs; `drifted`, `failed`: rolled back in both stores.
 */
export const RECORDED_OUTCOMES = [
  'applied',
  'finished',
  'overtaken',
  'drifted',
  'failed',
  'half-done',
  'unknown',
] as const;
export type RecordedOutcome = (typeof RECORDED_OUTCOMES)[number];

/** How a run ended: `complete` means that everything in the plan held in both stores when it was read back. */
export const RUN_RESULTS = ['complete', 'incomplete', 'interrupted'] as const;
export type RunResult = (typeof RUN_RESULTS)[number];

const change = { user: idSchema, op: z.enum(OPS), role: roleNameSchema };
/** Since format 2: the fields in which a row that was taken back is not as before, because others changed them. */
const differs = z.array(z.string()).min(1).optional();

/** One row as the database returned it before and after the change; null where there is no such row. */
const appliedChangeSchema = z.discriminatedUnion('store', [
  z.strictObject({
    ...change,
    store: z.literal('mongo'),
    before: mongoImageSchema.nullable(),
    after: mongoImageSchema.nullable(),
    differs,
  }),
  z.strictObject({
    ...change,
    store: z.literal('postgres'),
    before: postgresImageSchema.nullable(),
    after: postgresImageSchema.nullable(),
    differs,
  }),
]);
export type AppliedChange = z.infer<typeof appliedChangeSchema>;

const written = z.int().min(0);
const tableEffectSchema = z.strictObject({
  table: shownTextSchema,
  inserted: written,
  updated: written,
  deleted: written,
}) satisfies z.ZodType<TableEffect>;

/** A run begins: the databases are the plan's, the lock is held. */
function runEventOf(version: FormatVersion, policy: z.ZodType<Policy>, mapping: z.ZodType<Mapping>) {
  return z.strictObject({
    event: z.literal('run'),
    format: z.literal(RECEIPT_FORMAT),
    formatVersion: z.literal(version),
    at: instantSchema,
    tool: shownTextSchema,
    /** Digest of the plan. */
    plan: sha256Schema,
    kind: z.enum(['fix', 'revert']),
    /** The plan's time, policy and mapping: with them a receipt alone says how to read its rows. */
    asOf: instantSchema,
    targets: targetsSchema,
    policy,
    mapping,
    /** user@host */
    who: shownTextSchema,
    teams: z.int().min(0),
    /** Who had approved the plan, where that was demanded. */
    approvals: z
      .array(
        z.strictObject({
          principal: shownTextSchema,
          key: z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}$/, 'must be the fingerprint of an SSH key'),
        }) satisfies z.ZodType<Approver>,
      )
      .min(1)
      .optional(),
  });
}

/** Events of the version that the run before them names. A later version may only add optional fields. */
const otherEvents = [
  /** A MongoDB session is about to begin its first transaction. The next run ends it if this one did not. */
  z.strictObject({
    event: z.literal('session'),
    at: instantSchema,
    lsid: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits'),
  }),
  /** A team is written in both transactions; nothing is committed yet. */
  z.strictObject({
    event: z.literal('intent'),
    at: instantSchema,
    team: idSchema,
    changes: z.array(appliedChangeSchema),
  }),
  z.strictObject({
    event: z.literal('outcome'),
    at: instantSchema,
    team: idSchema,
    outcome: z.enum(RECORDED_OUTCOMES),
    /** Null where all is well. */
    problem: z.string().max(4096).nullable(),
    /** What the table's own triggers wrote besides; absent where they wrote nothing. */
    triggered: z.array(tableEffectSchema).min(1).optional(),
  }),
  z.strictObject({ event: z.literal('end'), at: instantSchema, result: z.enum(RUN_RESULTS) }),
] as const;

const runEventSchema = runEventOf(FORMAT_VERSION, policySchema, mappingSchema);
/** An event as it is written. */
export const receiptEventSchema = z.discriminatedUnion('event', [runEventSchema, ...otherEvents]);
/** An event as it is read, in the present shape: one receipt may have runs of several versions. */
export const anyReceiptEventSchema: z.ZodType<ReceiptEvent> = z.discriminatedUnion('event', [
  z.discriminatedUnion('formatVersion', [
    runEventOf(1, liftedPolicySchema1, liftedMappingSchema1),
    runEventSchema,
  ]),
  ...otherEvents,
]);
export type ReceiptEvent = z.infer<typeof receiptEventSchema>;
export type RunEvent = Extract<ReceiptEvent, { event: 'run' }>;

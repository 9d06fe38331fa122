import { z } from 'zod';
import type { Approver } from '../../model/approval.js';
import { OPS } from '../../model/change.js';
import { FORMAT_VERSION, type FormatVersion } from '../../model/format-version.js';
import { liftedMappingSchema1, mappingSchema, type Mapping } from '../../model/mapping.js';
import type { TableEffect } from '../../model/outcome.js';
import { liftedPolicySchema1, policySchema, roleNameSchema, type Policy } from '../../model/policy.js';
import {
  idSchema,
  instantSchema,
  mongoImageSchema,
  postgresImageSchema,
  sha256Schema,
  shownTextSchema,
  targetsSchema,
} from '../plan/schema.js';

/** The one definition of the receipt: one JSON line an event, append-only (docs/design.md, "Apply"). */
export const RECEIPT_FORMAT = 'fix-roles/receipt';

/**
 * What became of a team in one run. `applied`: everything in it was done in this run; `finished`: it was half done
 * and the rest was done; `overtaken`: applied, but the read-back differs; `drifted`, `failed`: rolled back in both
 * stores; `half-done`: MongoDB has it, Postgres does not; `unknown`: the result of a commit could not be learnt.
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
/**
 * From format 2 on, where a row was taken back to how it was: in which columns or fields it is otherwise all the same, for they
 * were given something else meanwhile, or are gone from the table.
 */
const differs = z.array(z.string()).min(1).optional();

/** One row as the database returned it before the change, and as it is after it; null where there is no such row. */
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
    /** Who had approved the plan, where that was demanded: a name among the allowed signers, and the key. */
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

/** What follows is of the version that the run before it names; a later version only adds what may be absent. */
const otherEvents = [
  /** A MongoDB session is about to begin its first transaction; killed before the next run if this one never ends. */
  z.strictObject({
    event: z.literal('session'),
    at: instantSchema,
    lsid: z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hex digits'),
  }),
  /** Everything of a team is written in both transactions, nothing is committed yet. */
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
    /** What happened, in words; null where all is well. */
    problem: z.string().max(4096).nullable(),
    /** What the table's own triggers wrote besides; left out where that is nothing. */
    triggered: z.array(tableEffectSchema).min(1).optional(),
  }),
  z.strictObject({
    event: z.literal('end'),
    at: instantSchema,
    result: z.enum(RUN_RESULTS),
  }),
] as const;

const runEventSchema = runEventOf(FORMAT_VERSION, policySchema, mappingSchema);
/** An event as it is written. */
export const receiptEventSchema = z.discriminatedUnion('event', [runEventSchema, ...otherEvents]);
/** An event as it is read, in the present shape, whatever version wrote it: one receipt may have runs of several. */
export const anyReceiptEventSchema: z.ZodType<ReceiptEvent> = z.discriminatedUnion('event', [
  z.discriminatedUnion('formatVersion', [
    runEventOf(1, liftedPolicySchema1, liftedMappingSchema1),
    runEventSchema,
  ]),
  ...otherEvents,
]);
export type ReceiptEvent = z.infer<typeof receiptEventSchema>;
export type RunEvent = Extract<ReceiptEvent, { event: 'run' }>;
export type IntentEvent = Extract<ReceiptEvent, { event: 'intent' }>;

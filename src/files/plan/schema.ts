import { z } from 'zod';
import type { Consistency } from '../../model/targets.js';
import {
  BLOCK_CODES,
  BLOCK_CODES_1,
  FIELD_CODES,
  FINDING_CODES,
  FINDING_CODES_1,
  type BlockCode,
  type FindingCode,
} from '../../model/finding.js';
import { ID_MAX_LENGTH } from '../../model/id.js';
import { FORMAT_VERSION, type FormatVersion } from '../../model/format-version.js';
import { liftedMappingSchema1, mappingSchema, mappingSchema1 } from '../../model/mapping.js';
import { liftedPolicySchema1, plainText, policySchema, policySchema1 } from '../../model/policy.js';
import { STORES } from '../../model/store.js';
import type { Targets } from '../../model/targets.js';
import type { TeamFilter } from '../../model/team-filter.js';
import { exceededLimits, LIMIT_FLAGS } from '../../model/safeguards.js';
import { TEAM_STATES } from '../../model/team.js';
import { hasHostileCharacter, SHOWN_TEXT_LENGTH } from '../../model/text.js';
import type { PlanDecision } from '../../model/decision.js';

/**
 * The one definition of the plan file (docs/design.md, "The plan file"). Keys are declared in the order in which they
 * are written. Schemas with the suffix 1 are those of format 1, and must never change.
 */
export const PLAN_FORMAT = 'fix-roles/plan';

const legible = (text: string): boolean => !hasHostileCharacter(text);
const ILLEGIBLE = 'holds a control, bidirectional or invisible character';
export const shownTextSchema = plainText(SHOWN_TEXT_LENGTH);
export const idSchema = plainText(ID_MAX_LENGTH);
const count = z.int().min(0);
export const sha256Schema = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hex digits');
export const instantSchema = z
  .string()
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/, 'must be a UTC time with milliseconds')
  .refine((at) => {
    const date = new Date(at);
    return !Number.isNaN(date.getTime()) && date.toISOString() === at;
  }, 'is no such time');

/** Name and version of what wrote a file; no other name is allowed, because only this tool's rules justify a plan. */
const toolSchema = z
  .string()
  .max(64)
  .regex(/^fix-roles\/[0-9A-Za-z][0-9A-Za-z.+-]*$/, 'must be fix-roles/ and a version');

/** The databases that a plan was made for, by identity; an address may change. */
export const targetsSchema: z.ZodType<Targets> = z.strictObject({
  mongo: z.strictObject({
    database: shownTextSchema,
    replicaSet: shownTextSchema.nullable(),
    /** Collection name → UUID, sorted by name. */
    collections: z.record(
      shownTextSchema,
      z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'must be a UUID'),
    ),
  }),
  postgres: z.strictObject({
    systemIdentifier: z.string().regex(/^\d{1,20}$/, 'must be a decimal number'),
    database: shownTextSchema,
    table: shownTextSchema,
    oid: z.int().min(1).max(4_294_967_295),
  }),
});

/** Which teams were looked at. Lists are sorted and name nothing twice. */
export const filterSchema: z.ZodType<TeamFilter> = z.strictObject({
  teams: z.array(idSchema).nullable(),
  excludeTeams: z.array(idSchema),
  shard: z.strictObject({ index: z.int().min(0), count: z.int().min(1).max(65_536) }).nullable(),
});

/** Whether each store was read at one point in time. */
export const consistencySchema: z.ZodType<Consistency> = z.strictObject({
  mongo: z.enum(['snapshot', 'available']),
  postgres: z.literal('snapshot'),
});

const opCounts = z.strictObject({ insert: count, reactivate: count, deactivate: count, delete: count });

export const summarySchema = z.strictObject({
  teams: z.strictObject({ scanned: count, changed: count }),
  users: z.strictObject({ changed: count }),
  activeRoles: z.strictObject({ mongo: count, postgres: count }),
  changes: z.strictObject({ mongo: opCounts, postgres: opCounts }),
  /** The limits of `apply` that the plan is above, by the flag that lifts each. */
  exceeded: z.array(z.enum(LIMIT_FLAGS)),
  /** Code → how many, sorted by code; codes that do not occur are left out. */
  findings: z.partialRecord(z.enum(FINDING_CODES), z.int().min(1)),
  blocked: z.partialRecord(z.enum(BLOCK_CODES), z.int().min(1)),
});
export type Summary = z.infer<typeof summarySchema>;
const summarySchema1 = summarySchema.omit({ exceeded: true }).extend({
  findings: z.partialRecord(z.enum(FINDING_CODES_1), z.int().min(1)),
  blocked: z.partialRecord(z.enum(BLOCK_CODES_1), z.int().min(1)),
});

/** Since format 2, what was applied in parts has several receipts, ascending. */
const receiptSchema = z.union([sha256Schema, z.array(sha256Schema).min(2)]);

/** Everything before the lists. A revert plan names the digests of the plan and of the receipt that it takes back. */
export function planHeaderOf<P extends object, M extends object, S extends object>(
  version: FormatVersion,
  policy: z.ZodType<P>,
  mapping: z.ZodType<M>,
  summary: z.ZodType<S>,
  receipt: z.ZodType<z.infer<typeof receiptSchema>> = receiptSchema,
) {
  const format = { format: z.literal(PLAN_FORMAT), formatVersion: z.literal(version) };
  // Of every format: what is new in a later one comes in as a parameter, like `receipt`.
  const common = {
    asOf: instantSchema,
    tool: toolSchema,
    targets: targetsSchema,
    consistency: consistencySchema,
    filter: filterSchema,
    policy,
    mapping,
    summary,
  };
  return z.discriminatedUnion('kind', [
    z.strictObject({ ...format, kind: z.literal('fix'), ...common }),
    z.strictObject({
      ...format,
      kind: z.literal('revert'),
      reverts: z.strictObject({ plan: sha256Schema, receipt }),
      ...common,
    }),
  ]);
}
/** A header of format 1 in the present shape: what its summary lacks follows from the rest. */
export function liftedHeaderOf1<P extends object, M extends object>(
  policy: z.ZodType<P>,
  mapping: z.ZodType<M>,
) {
  return planHeaderOf(1, policy, mapping, summarySchema1, sha256Schema).transform((header) => ({
    ...header,
    summary: { ...header.summary, exceeded: exceededLimits(header, 'trusted') },
  }));
}

export const planHeaderSchema = planHeaderOf(FORMAT_VERSION, policySchema, mappingSchema, summarySchema);
export type PlanHeader = z.infer<typeof planHeaderSchema>;

/** A header whose policy, mapping and summary may be those of an older format. */
export type WrittenHeader = z.infer<ReturnType<typeof planHeaderOf<object, object, object>>>;

/** How the header of one version is read: its bytes are the layout of `written`; `read` gives the present shape. */
export interface PlanFormat {
  readonly written: z.ZodType<WrittenHeader>;
  readonly read: z.ZodType<PlanHeader>;
}

/** Every version that can be read. */
export const PLAN_FORMATS: Readonly<Record<FormatVersion, PlanFormat>> = {
  1: {
    written: planHeaderOf(1, policySchema1, mappingSchema1, summarySchema1, sha256Schema),
    read: liftedHeaderOf1(liftedPolicySchema1, liftedMappingSchema1),
  },
  2: { written: planHeaderSchema, read: planHeaderSchema },
};

const concern1 = { team: idSchema.nullable(), user: idSchema.nullable() };
/** Since format 2, of a user who is named, if the mapping says where names stand. */
export const personNameSchema = shownTextSchema.optional();
const concern = { ...concern1, name: personNameSchema };
/** A concern about one field of one row names both. */
const oddField = {
  at: z.strictObject({ store: z.enum(STORES), row: shownTextSchema, field: shownTextSchema }),
  value: shownTextSchema,
};
function concernOf<Code extends FindingCode | BlockCode>(codes: readonly Code[]) {
  const isOfField = (code: Code): boolean => FIELD_CODES.some((other) => other === code);
  const others = codes.filter((code) => !isOfField(code) && code !== 'exempt');
  return [
    z.strictObject({ code: z.enum(others), ...concern }),
    z.strictObject({ code: z.enum(codes.filter(isOfField)), ...concern, ...oddField }),
  ] as const;
}
export const findingSchema = z.discriminatedUnion('code', [
  ...concernOf(FINDING_CODES),
  z.strictObject({ code: z.literal('exempt'), ...concern, value: shownTextSchema }),
]);
export const blockSchema = z.discriminatedUnion('code', concernOf(BLOCK_CODES));
export const findingSchema1 = z.strictObject({ code: z.enum(FINDING_CODES_1), ...concern1 });
export const blockSchema1 = z.strictObject({ code: z.enum(BLOCK_CODES_1), ...concern1 });

export const planTeamSchema1 = z.strictObject({
  id: idSchema,
  name: z.string().refine(legible, ILLEGIBLE).nullable(),
  state: z.enum(TEAM_STATES),
  createdBy: idSchema.nullable(),
});
export const planTeamSchema = planTeamSchema1.extend({
  createdByName: personNameSchema,
  /** How many people hold an active role in the team, in either store. */
  people: z.strictObject({ before: count, after: count }),
});
export type People = z.infer<typeof planTeamSchema>['people'];

/** Format 1 does not count people. */
export type PlanTeamHead = Omit<z.infer<typeof planTeamSchema>, 'people'> & { readonly people?: People };

export interface PlanTeam {
  readonly team: PlanTeamHead;
  readonly decisions: readonly PlanDecision[];
}

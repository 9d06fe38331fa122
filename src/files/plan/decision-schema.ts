import { z } from 'zod';
import { RULES } from '../../model/change.js';
import type { Decision, MongoImage, PostgresImage, Undo, UndoDecision } from '../../model/decision.js';
import { isLongSerialId, type SerialId } from '../../model/id.js';
import { roleNameSchema } from '../../model/policy.js';
import type { Store } from '../../model/store.js';
import { STANDINGS } from '../../model/team.js';
import { isCanonicalExtendedJson, isEjsonValue } from '../extended-json.js';
import { idSchema, personNameSchema } from './schema.js';

const mongoRow = z.strictObject({ id: idSchema, role: roleNameSchema, active: z.boolean() });
/** Since format 2, any positive 64-bit integer: a string where JavaScript's numbers do not hold it. */
const serialIdSchema1 = z.int().min(1).max(2_147_483_647);
const serialIdSchema = z.union([
  z.int().min(1),
  z.string().refine(isLongSerialId, 'is no 64-bit integer beyond 2^53'),
]);
function roleRowsOf(id: z.ZodType<SerialId>) {
  const postgresRow = z.strictObject({
    id,
    mongoId: idSchema.nullable(),
    role: roleNameSchema,
    active: z.boolean(),
  });
  return z.strictObject({ mongo: z.array(mongoRow), postgres: z.array(postgresRow) });
}

export const mongoImageSchema: z.ZodType<MongoImage> = z
  .record(z.string(), z.unknown().refine(isEjsonValue, 'is no value of Extended JSON'))
  .refine(isCanonicalExtendedJson, 'is not canonical Extended JSON');
/** PostgreSQL has no text with NUL: such a row was never read, and cannot be restored. */
const postgresTextSchema = z.string().refine((text) => !text.includes('\0'), 'holds NUL');
export const postgresImageSchema: z.ZodType<PostgresImage> = z.record(
  z.string(),
  postgresTextSchema.nullable(),
);

/** One change for one of these rules. */
function changeSchema<const R extends readonly [string, ...string[]]>(rules: R) {
  const rule = z.enum(rules);
  const reason = { role: roleNameSchema, rule };
  const altered = z.enum(['deactivate', 'delete', 'reactivate']);
  return z.union([
    z.strictObject({
      op: z.literal('insert'),
      store: z.literal('mongo'),
      ...reason,
      after: mongoImageSchema,
    }),
    z.strictObject({
      op: z.literal('insert'),
      store: z.literal('postgres'),
      ...reason,
      after: postgresImageSchema,
    }),
    z.strictObject({ op: altered, store: z.literal('mongo'), ...reason, before: mongoImageSchema }),
    z.strictObject({ op: altered, store: z.literal('postgres'), ...reason, before: postgresImageSchema }),
  ]);
}

/** What one applied change did to a row of this store. */
function undoneIn<S extends Store, Image extends z.ZodType>(store: S, image: Image) {
  const row = { store: z.literal(store), role: roleNameSchema };
  const altered = z.enum(['deactivate', 'reactivate']);
  return z.discriminatedUnion('op', [
    z.strictObject({ op: z.literal('insert'), ...row, before: z.null(), after: image }),
    z.strictObject({ op: z.literal('delete'), ...row, before: image, after: z.null() }),
    z.strictObject({ op: altered, ...row, before: image, after: image }),
  ]);
}

export const undoSchema = z.discriminatedUnion('store', [
  undoneIn('mongo', mongoImageSchema),
  undoneIn('postgres', postgresImageSchema),
]) satisfies z.ZodType<Undo>;

/** One user in one team, with changes for one of these rules. */
function decisionOf<const R extends readonly [string, ...string[]]>(rules: R, id: z.ZodType<SerialId>) {
  return z.strictObject({
    user: idSchema,
    name: personNameSchema,
    standing: z.enum(STANDINGS),
    member: z.boolean(),
    observed: roleRowsOf(id),
    changes: z.array(changeSchema(rules)).min(1),
  });
}
export const decisionSchema = decisionOf(RULES, serialIdSchema) satisfies z.ZodType<Decision>;
export const decisionSchema1 = decisionOf(RULES, serialIdSchema1).omit({ name: true });

/** In a plan of kind `revert`. */
function undoDecisionOf(id: z.ZodType<SerialId>) {
  return decisionOf(['undo'], id).extend({ undo: z.array(undoSchema).min(1) });
}
export const undoDecisionSchema = undoDecisionOf(serialIdSchema) satisfies z.ZodType<UndoDecision>;
export const undoDecisionSchema1 = undoDecisionOf(serialIdSchema1).omit({ name: true });

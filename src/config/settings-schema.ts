import { z } from 'zod';
import { DEFAULT_MAPPING, mappingSchema, USUAL_USERS } from '../model/mapping.js';
import { DEFAULT_POLICY, policySchema } from '../model/policy.js';
import { approvalsSchema } from './approvals.js';

type JsonSchema = z.core.JSONSchema.BaseSchema;

/** JSON Schema of a policy file; every setting is optional. */
export function policyJsonSchema(): JsonSchema {
  return fileSchema(policySchema, DEFAULT_POLICY);
}

/** JSON Schema of the part `mapping` of the configuration file; every setting is optional. */
export function mappingJsonSchema(): JsonSchema {
  return fileSchema(mappingSchema, DEFAULT_MAPPING);
}

export function configJsonSchema(): JsonSchema {
  const whole = fileSchema(z.strictObject({ mapping: mappingSchema, policy: policySchema }), {
    mapping: DEFAULT_MAPPING,
    policy: DEFAULT_POLICY,
  });
  // This part has no defaults: it is there as a whole or not at all.
  const approvals = z.toJSONSchema(approvalsSchema);
  delete approvals.$schema;
  return { ...whole, properties: { ...whole.properties, approvals } };
}

function fileSchema(schema: z.ZodType, defaults: unknown): JsonSchema {
  const whole = optional(z.toJSONSchema(schema), defaults);
  return { ...whole, properties: { $schema: { type: 'string' }, ...whole.properties } };
}

/** Requires nothing and names every default. */
function optional(schema: JsonSchema, defaults: unknown): JsonSchema {
  const rest = { ...schema };
  delete rest.required;
  // The only part that may be null is `mongo.users`.
  if (defaults === null)
    rest.anyOf = (rest.anyOf ?? []).map((one) => (one.type === 'object' ? optional(one, USUAL_USERS) : one));
  if (rest.properties === undefined) return { ...rest, default: defaults };
  const properties: JsonSchema['properties'] = {};
  for (const [name, property] of Object.entries(rest.properties))
    properties[name] = typeof property === 'boolean' ? property : optional(property, valueOf(defaults, name));
  return { ...rest, properties };
}

function valueOf(defaults: unknown, name: string): unknown {
  if (typeof defaults !== 'object' || defaults === null) return undefined;
  const found: unknown = Reflect.get(defaults, name);
  return found;
}

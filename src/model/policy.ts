import { z } from 'zod';
import { lifted } from './format-version.js';
import { hasHostileCharacter } from './text.js';

/** The width of the role column, in characters. */
const ROLE_MAX_LENGTH = 50;

/** Any other text makes its row malformed: it does not fit the column, or cannot be shown. */
export function isRoleName(text: string): boolean {
  return text.length > 0 && text.length <= ROLE_MAX_LENGTH && !hasHostileCharacter(text);
}

/** The same rule for role names in files. */
export const roleNameSchema = z
  .string()
  .min(1)
  .max(ROLE_MAX_LENGTH)
  .refine((name) => !hasHostileCharacter(name), 'holds a control, bidirectional or invisible character');

const roleNames = z
  .array(roleNameSchema)
  .refine((names) => new Set(names).size === names.length, 'names a role twice');

/** Of format 1 of the files; must never change. */
export const policySchema1 = z.strictObject({
  wanted: z.strictObject({ owner: roleNames, member: roleNames }),
  memberExtras: z.enum(['delete', 'deactivate', 'keep']),
  outsiders: z.enum(['deactivate', 'delete', 'keep']),
  deletedTeams: z.enum(['skip', 'deactivate', 'repair']),
  missingTeams: z.enum(['deactivate', 'skip']),
  ownerWithoutMembership: z.enum(['grant', 'skip']),
});

/** What the rules want and do; every plan embeds it (docs/design.md, "The rules"). Add new parts here. */
export const policySchema = policySchema1.extend({});
export type Policy = z.infer<typeof policySchema>;

/** Every role that the rules may write. */
export function writtenRoles({ wanted }: Policy): string[] {
  return [...new Set([...wanted.owner, ...wanted.member])];
}

export const DEFAULT_POLICY: Policy = {
  wanted: { owner: ['owner', 'admin', 'member'], member: ['member'] },
  memberExtras: 'delete',
  outsiders: 'deactivate',
  deletedTeams: 'skip',
  missingTeams: 'deactivate',
  ownerWithoutMembership: 'grant',
};

/** The policy of a file of format 1, read in the present shape. */
export const liftedPolicySchema1 = lifted(policySchema1, policySchema, DEFAULT_POLICY);

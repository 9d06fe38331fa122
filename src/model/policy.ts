import { z } from 'zod';
import { lifted } from './format-version.js';
import { ID_MAX_LENGTH, isId, type IdType } from './id.js';
import { hasHostileCharacter, SHOWN_TEXT_LENGTH } from './text.js';

/** The width of the role column, in characters. */
const ROLE_MAX_LENGTH = 50;

/** Any other text makes its row malformed: it does not fit the column, or cannot be shown. */
export function isRoleName(text: string): boolean {
  return text.length > 0 && text.length <= ROLE_MAX_LENGTH && !hasHostileCharacter(text);
}

/** The same rule for what stands in a file. */
export const roleNameSchema = plainText(ROLE_MAX_LENGTH);

/** A text without hostile characters. */
export function plainText(longest: number) {
  return z
    .string()
    .min(1)
    .max(longest)
    .refine((text) => !hasHostileCharacter(text), 'holds a control, bidirectional or invisible character');
}

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

/** A value of a membership's activity; no decimals, which JavaScript and MongoDB may round differently. */
const activeValue = z.union([z.literal(true), roleNameSchema, z.int()]);

/** Why a user or a team is left alone. */
const exemption = z.strictObject({ id: plainText(ID_MAX_LENGTH), reason: plainText(SHOWN_TEXT_LENGTH) });
const exemptions = z
  .array(exemption)
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'names an id twice');

/**
 * What the rules want and do; the one definition, embedded in every plan (docs/design.md, "The rules"). New parts come
 * in here.
 */
export const policySchema = policySchema1.extend({
  /** What counts as active in memberships. Without `true`, nearly everybody would be stripped. */
  activeValues: z
    .array(activeValue)
    .refine((values) => values.includes(true), 'lacks true')
    .refine((values) => new Set(values).size === values.length, 'names a value twice'),
  /** Service accounts, a team under investigation: no changes for them. */
  exempt: z.strictObject({ users: exemptions, teams: exemptions }),
});
export type Policy = z.infer<typeof policySchema>;

/** Every role that the rules may write. */
export function writtenRoles({ wanted }: Policy): string[] {
  return [...new Set([...wanted.owner, ...wanted.member])];
}

/** Whom a policy exempts. */
export interface Exempted {
  readonly kind: keyof Policy['exempt'];
  readonly id: string;
  readonly reason: string;
}

/** What owners want and members do not, the highest first. */
export function ownerRoles({
  owner,
  member,
}: Readonly<Record<'owner' | 'member', readonly string[]>>): string[] {
  return owner.filter((role) => !member.includes(role));
}

/** By the list, which is asked about for every user that is read. */
const REASONS = new WeakMap<Policy['exempt']['users'], ReadonlyMap<string, string>>();

/** The reason for which a user or team is exempt; undefined where it is not. */
export function exemptionOf(
  { exempt }: Pick<Policy, 'exempt'>,
  kind: keyof Policy['exempt'],
  id: string,
): string | undefined {
  const list = exempt[kind];
  let reasons = REASONS.get(list);
  if (reasons === undefined) REASONS.set(list, (reasons = new Map(list.map((one) => [one.id, one.reason]))));
  return reasons.get(id);
}

/** Where the policy exempts what is no id and would be nobody: `exempt.users[0].id`; undefined where it does not. */
export function illegibleExemption({ exempt }: Policy, ids: IdType): string | undefined {
  for (const kind of ['users', 'teams'] as const) {
    const index = exempt[kind].findIndex(({ id }) => !isId(id, ids));
    if (index >= 0) return `exempt.${kind}[${index}].id`;
  }
  return undefined;
}

export const DEFAULT_POLICY: Policy = {
  wanted: { owner: ['owner', 'admin', 'member'], member: ['member'] },
  memberExtras: 'delete',
  outsiders: 'deactivate',
  deletedTeams: 'skip',
  missingTeams: 'deactivate',
  ownerWithoutMembership: 'grant',
  activeValues: [true],
  exempt: { users: [], teams: [] },
};

/** The policy of a file of format 1, read in the present shape. */
export const liftedPolicySchema1 = lifted(policySchema1, policySchema, DEFAULT_POLICY);

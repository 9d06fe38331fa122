import { NAMING_MAPPING } from '../model/mapping.js';
import { DEFAULT_POLICY } from '../model/policy.js';

/** The comment above each setting or group. */
const MEANING: Readonly<Record<string, string>> = {
  mapping: 'Where the data stands.',
  'mapping.ids':
    '"hex": 24 hexadecimal digits, as ObjectId or text. "string": any plain text that fits into the id columns.',
  'mapping.mongo.collections': 'The collections in the database DB_NAME.',
  'mapping.mongo.teams': 'Fields of team documents; the team is gone where isDeleted is true.',
  'mapping.mongo.memberships': 'Fields of memberships; only active ones count, see policy.activeValues.',
  'mapping.mongo.roles': 'Fields of role documents.',
  'mapping.mongo.writeIdsAs':
    'How new role documents hold the ids of user and team: "string" or "objectId". Both are always read.',
  'mapping.mongo.users':
    'Where names of people stand; without this, nobody is named. A plan with names holds personal data.',
  'mapping.postgres': 'The table with the copies, in the database POSTGRES_DB.',
  'mapping.postgres.columns': 'Its columns; mongoId is the one with the _id of the copy in MongoDB.',
  policy: 'What is wanted. Every plan holds the policy that it was made with.',
  'policy.wanted': 'The roles that owners and members must have in a team; one that is missing is added.',
  'policy.memberExtras': 'Other roles of members: "delete", "deactivate" or "keep".',
  'policy.outsiders': 'Roles of people who are neither owner nor member: "deactivate", "delete" or "keep".',
  'policy.deletedTeams':
    'Soft-deleted teams: "skip" them, "deactivate" (everybody is an outsider) or "repair" (as if live).',
  'policy.missingTeams':
    'Roles in teams without a document: "deactivate" (everybody is an outsider) or "skip".',
  'policy.ownerWithoutMembership':
    'A creator without a membership: "grant" the roles of an owner, or "skip".',
  'policy.activeValues': 'What makes a membership active: true, and any texts or whole numbers besides.',
  'policy.exempt': 'Whom to leave alone, and why: each as { "id": "...", "reason": "..." }.',
};

/** The first text of a `fix-roles.config.json`: every setting stands in it as a comment, with its default. */
export function configStart(): string {
  return [
    '// The configuration of fix-roles: where the roles stand, and what is wanted. What is left out has its default.',
    '// Comments and commas at the end are welcome here: uncomment a line to set it.',
    '{',
    '  // For completion in the editor: fix-roles schema config > fix-roles.config.schema.json',
    '  "$schema": "./fix-roles.config.schema.json",',
    ...setting('mapping', NAMING_MAPPING, '  '),
    ...setting('policy', DEFAULT_POLICY, '  '),
    '}',
    '',
  ].join('\n');
}

function setting(path: string, value: unknown, indent: string): string[] {
  const key = JSON.stringify(path.split('.').at(-1));
  const meaning = MEANING[path];
  const above = meaning === undefined ? [] : [`${indent}// ${meaning}`];
  // Users are mapped as a whole or not at all.
  const single = typeof value !== 'object' || value === null || Array.isArray(value);
  if (single || path === 'mapping.mongo.users')
    return [...above, `${indent}// ${key}: ${JSON.stringify(value)},`];
  const inner = Object.entries(value).flatMap(([name, one]) =>
    setting(`${path}.${name}`, one, `${indent}  `),
  );
  return [...above, `${indent}${key}: {`, ...inner, `${indent}},`];
}

import { DEFAULT_MAPPING, type Mapping } from '../model/mapping.js';
import { DEFAULT_POLICY } from '../model/policy.js';
import { harmlessJson, visibleText } from './safe-text.js';

/** What a configuration file is begun with. */
export interface ConfigStart {
  readonly mapping: Mapping;
  /** Settings of the mapping that stand for what was not seen. */
  readonly unseen: readonly string[];
  /** Names of roles that were met: hostile text. */
  readonly roles: readonly string[];
}

/** What a comment says of each setting or group of them. */
const MEANING: Readonly<Record<string, string>> = {
  mapping: 'Where the data stands.',
  'mapping.ids':
    '"hex": 24 hexadecimal digits, as ObjectId or text. "string": any plain text that fits into the id columns.',
  'mapping.mongo.collections': 'The collections in the database DB_NAME.',
  'mapping.mongo.teams': 'Fields of team documents; the team is gone where isDeleted is true.',
  'mapping.mongo.memberships': 'Fields of memberships; only those whose `active` is exactly true count.',
  'mapping.mongo.roles': 'Fields of role documents.',
  'mapping.mongo.writeIdsAs':
    'How new role documents hold the ids of user and team: "string" or "objectId". Both are always read.',
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
};

/** The most roles that a comment lists. */
const ROLES_SHOWN = 20;

/**
 * The text of a `fix-roles.config.json` to go on from: what differs from the defaults is set, everything else stands
 * there as a comment.
 */
export function configStart({ mapping, unseen, roles }: ConfigStart): string {
  const notes = new Map(
    unseen.map((setting) => [`mapping.${setting}`, 'Not seen in any document looked at.']),
  );
  if (roles.length > 0) {
    const shown = roles.slice(0, ROLES_SHOWN).map((role) => visibleText(role));
    const more = roles.length > shown.length ? `, and ${roles.length - shown.length} more` : '';
    notes.set('policy.wanted', `Roles met: ${shown.join(', ')}${more}.`);
  }
  return [
    '// The configuration of fix-roles: where the roles stand, and what is wanted. What is left out has its default.',
    '// Comments and commas at the end are welcome here: uncomment a line to set it.',
    '{',
    '  // For completion in the editor: fix-roles schema config > fix-roles.config.schema.json',
    '  "$schema": "./fix-roles.config.schema.json",',
    ...setting('mapping', mapping, DEFAULT_MAPPING, notes, '  '),
    ...setting('policy', DEFAULT_POLICY, DEFAULT_POLICY, notes, '  '),
    '}',
    '',
  ].join('\n');
}

/** The lines of one setting or group, under its path. */
function setting(
  path: string,
  value: unknown,
  usual: unknown,
  notes: ReadonlyMap<string, string>,
  indent: string,
): string[] {
  const key = harmlessJson(path.split('.').at(-1));
  const comments = [MEANING[path], notes.get(path)].flatMap((text) => (text === undefined ? [] : [text]));
  const above = comments.map((text) => `${indent}// ${text}`);
  if (!isGroup(value)) {
    const json = harmlessJson(value);
    const same = json === harmlessJson(usual);
    return [...above, `${indent}${same ? '// ' : ''}${key}: ${json},`];
  }
  const inner = Object.entries(value).flatMap(([name, one]) =>
    setting(`${path}.${name}`, one, isGroup(usual) ? usual[name] : undefined, notes, `${indent}  `),
  );
  return [...above, `${indent}${key}: {`, ...inner, `${indent}},`];
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

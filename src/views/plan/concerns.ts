import type { Block, BlockCode, Finding, FindingCode } from '../../model/finding.js';
import { byCodeUnit } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { STORE_NAMES, type Quote } from './rule-words.js';
import type { ShownPlan } from './shown-plan.js';

/** Whole sentences. */
type Words<Code extends string> = Readonly<Record<Code, readonly [meaning: string, remedy: string]>>;

/** All findings or blocked entries of one code. Only the first few are kept, because there may be millions. */
export interface ConcernGroup {
  readonly code: FindingCode | BlockCode;
  readonly meaning: string;
  readonly remedy: string;
  readonly count: number;
  readonly first: readonly (Finding | Block)[];
}

export interface Concerns {
  readonly kind: 'blocked' | 'finding';
  readonly title: string;
  /** In order of code. */
  readonly groups: readonly ConcernGroup[];
}

/** The blocked entries and findings of a plan; of each code at most `keep` are kept. */
export async function concernsOf(
  plan: ShownPlan,
  keep: number,
  quote: Quote,
): Promise<{ readonly blocked: Concerns; readonly findings: Concerns }> {
  const { mapping } = plan.header;
  return {
    blocked: {
      kind: 'blocked',
      title: 'Blocked: needs a person, gets no changes',
      groups: await grouped(plan.blocked(), blockWords(mapping, quote), keep),
    },
    findings: {
      kind: 'finding',
      title: 'Findings: for your information',
      groups: await grouped(plan.findings(), findingWords(mapping, quote), keep),
    },
  };
}

async function grouped<C extends Finding | Block>(
  concerns: AsyncIterable<C>,
  words: Words<C['code']>,
  keep: number,
): Promise<ConcernGroup[]> {
  const groups = new Map<C['code'], { count: number; first: C[] }>();
  for await (const concern of concerns) {
    const group = groups.get(concern.code) ?? { count: 0, first: [] };
    group.count += 1;
    if (group.first.length < keep) group.first.push(concern);
    groups.set(concern.code, group);
  }
  const list = [...groups].sort(([a], [b]) => byCodeUnit(a, b));
  return list.map(([code, group]) => {
    const [meaning, remedy] = words[code];
    return { code, meaning, remedy, ...group };
  });
}

/** Names the team, user, row and value that a finding or blocked entry is about. */
export function concernedText({ team, user, name, at, value }: Finding | Block, quote: Quote): string {
  const parts = [
    team === null ? 'team unreadable' : `team ${quote(team)}`,
    ...(user === null ? [] : [`user ${quote(user)}`]),
    ...(at === undefined ? [] : [`${STORE_NAMES[at.store]} row ${quote(at.row)}`]),
  ];
  const field = at === undefined ? '' : `${quote(at.field)} holds `;
  const held = value === undefined ? '' : `: ${field}${quote(value)}`;
  return `${parts.join(', ')}${held}${name === undefined ? '' : `; the user is named ${quote(name)}`}`;
}

/** Information: nothing stands in the way, and nothing is changed because of it (docs/design.md, "The rules"). */
function findingWords({ mongo, postgres }: Mapping, quote: Quote): Words<FindingCode> {
  const link = quote(postgres.columns.mongoId);
  return {
    'deleted-team-holds-roles': [
      'A team is marked as deleted, but somebody still holds active roles in it.',
      'Left alone unless the policy says otherwise: set deletedTeams to "deactivate" or "repair" and plan again.',
    ],
    'duplicate-active-role': [
      'A user has more than one active row for the same role of one team in the same store.',
      'The role is in force all the same. Find out which row the application uses before removing the other.',
    ],
    exempt: [
      'The policy exempts a user or a team, for the reason given: nothing is changed there.',
      'If that reason is gone, take them out of exempt and plan again.',
    ],
    'malformed-membership': [
      'An active membership names a team that cannot be read.',
      'It was left alone and counts for no team. Correct or remove it by hand.',
    ],
    'malformed-row': [
      'An active role row names a team or a user that cannot be read.',
      'The row was left alone. Correct or remove it by hand.',
    ],
    'missing-team': [
      'Active role rows name a team that has no team document.',
      'If the team should exist, restore its document and plan again. To leave such rows alone, set missingTeams to "skip".',
    ],
    'odd-membership': [
      `A membership does not say whether it is active: its ${quote(mongo.memberships.active)} is neither true nor false.`,
      'It counts for nothing: without another one, its user is no member. Correct it, or add its value to activeValues, and plan again.',
    ],
    'odd-team-state': [
      `A team does not say whether it is deleted: its ${quote(mongo.teams.isDeleted)} is neither true nor false.`,
      'The team counts as live. Correct the value, and plan again.',
    ],
    'owner-without-membership': [
      'The creator of a team has no active membership in it.',
      'The creator counts as owner all the same. If that person has left, hand the team over, or set ownerWithoutMembership to "skip".',
    ],
    'unknown-role': [
      'The creator of a team holds a role that the policy does not know.',
      'The role was kept. If creators should have it, add it to wanted.owner.',
    ],
    'unlinked-row': [
      `A PostgreSQL row names no MongoDB copy (${link} is null).`,
      `MongoDB gets a row of its own; the two stay unlinked unless somebody fills in ${link}.`,
    ],
  };
}

/** Until a person has dealt with it, the user or the whole team gets no changes (docs/design.md, "The rules"). */
function blockWords({ mongo, postgres }: Mapping, quote: Quote): Words<BlockCode> {
  const link = quote(postgres.columns.mongoId);
  const createdBy = quote(mongo.teams.createdBy);
  return {
    'changed-since': [
      'A row of this user is no longer as the apply left it, or what would come back would stand beside another active row of the same role.',
      'Nothing of this user is taken back in this team. Look at the rows, and decide by hand which of them are right.',
    ],
    'link-conflict': [
      'The row that should be the other copy of a role is something else: another user, team, role or scope, or two rows.',
      `Look at both rows, correct the one that is wrong (mostly its ${link}), and plan again.`,
    ],
    'malformed-membership': [
      'An active membership of the team names no readable user, so a rightful member might be taken for a stranger.',
      'The whole team was left alone. Correct or remove the membership, and plan again.',
    ],
    'malformed-row': [
      'An active role row of this user has an id, role or link that cannot be used, or a field that could not be restored.',
      'The user was left alone in this team. Correct or remove the row, and plan again.',
    ],
    'not-undoable': [
      'What the receipt says of a row of this user cannot be taken back: it lacks the row or a part of it, or the row no longer fits the table.',
      'Nothing of this user is taken back in this team. Correct the rows by hand.',
    ],
    'team-without-owner': [
      'The team has no usable creator, so its owner might be taken for a stranger.',
      `The whole team was left alone. Set ${createdBy} of the team to a user, and plan again.`,
    ],
  };
}

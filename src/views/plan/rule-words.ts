import type { Op } from '../../model/change.js';
import type { Policy } from '../../model/policy.js';
import type { Store } from '../../model/store.js';
import type { Standing, TeamState } from '../../model/team.js';
import { listed } from '../quantity.js';
import type { ShownRule } from './shown-plan.js';

/** Sets a name or id in a sentence, and makes it safe for the place where the sentence goes. */
export type Quote = (text: string) => string;

export const STORE_NAMES: Readonly<Record<Store, string>> = { mongo: 'MongoDB', postgres: 'PostgreSQL' };

/** The heaviest first: a deleted row cannot be seen in the database afterwards. */
export const OPS_BY_WEIGHT: readonly Op[] = ['delete', 'deactivate', 'reactivate', 'insert'];

export const OP_WORDS: Readonly<Record<Op, string>> = {
  delete: 'removes the row for good',
  deactivate: 'keeps the row but switches it off',
  reactivate: 'switches an inactive row on again',
  insert: 'adds a new active row',
};

export const OP_SIGNS: Readonly<Record<Op, string>> = {
  delete: '-',
  deactivate: '~',
  reactivate: '^',
  insert: '+',
};

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  owner: 'creator of the team',
  member: 'active member',
  outsider: 'neither creator nor active member',
};

export const TEAM_STATE_WORDS: Readonly<Record<TeamState, string>> = {
  live: 'live',
  deleted: 'marked as deleted',
  missing: 'without a team document',
};

/** The rule that demands a change (docs/design.md, "The rules") as half a sentence after "because". */
export function ruleWords(rule: ShownRule, policy: Policy, quote: Quote): string {
  switch (rule) {
    case 'owner-wants':
      return `the creator of a team has ${roles(policy.wanted.owner, quote)}`;
    case 'member-wants':
      return `an active member of a team has ${roles(policy.wanted.member, quote)}`;
    case 'member-extra':
      return policy.wanted.member.length === 0
        ? 'an active member who is not the creator has no role'
        : `an active member who is not the creator has no role but ${listed(policy.wanted.member.map((role) => quote(role)))}`;
    case 'outsider-holds':
      return 'only the creator and active members of a team have roles in it';
    case 'deleted-team-holds':
      return policy.deletedTeams === 'repair'
        ? 'only the creator and active members of a team have roles in it, marked as deleted or not'
        : 'nobody has a role in a team that is marked as deleted';
    case 'missing-team-holds':
      return 'nobody has a role in a team that has no team document';
    case 'undo':
      return 'it takes back what the receipt says was applied; no role rule asks for it';
  }
}

function roles(names: readonly string[], quote: Quote): string {
  if (names.length === 0) return 'no role of its own';
  return `the ${names.length === 1 ? 'role' : 'roles'} ${listed(names.map((role) => quote(role)))}`;
}

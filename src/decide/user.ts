import type { DerivedChange, Op, Rule } from '../model/change.js';
import type { Links, UserFacts } from '../model/facts.js';
import type { FindingCode, OddField } from '../model/finding.js';
import { byCodeUnit, bySerialId } from '../model/id.js';
import type { Policy } from '../model/policy.js';
import type { RoleRows } from '../model/role-row.js';
import type { Standing, Team, TeamState } from '../model/team.js';
import { standingOf, type DecidingTreatment } from './standing.js';
import { decideWantedRole, linkNeedOf, type LinkNeed, type WantedRole } from './wanted-role.js';

export interface Rulebook {
  readonly policy: Policy;
  /** Milliseconds since 1970; the rules know no other clock. */
  readonly asOf: number;
}

/** A user decided except for the ids to look up. */
export interface UserDraft {
  readonly facts: UserFacts;
  readonly standing: Standing;
  /** Changes that depend on no link. */
  readonly removals: readonly DerivedChange[];
  readonly wants: readonly { readonly wanted: WantedRole; readonly need: LinkNeed }[];
  readonly findings: readonly FindingCode[];
}

/** What the rules derive for one user. A decision has no row images yet. */
export type UserVerdict =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'blocked'; readonly code: 'link-conflict' }
  | { readonly kind: 'blocked'; readonly code: 'malformed-row'; readonly fields: readonly OddField[] }
  | {
      readonly kind: 'decision';
      readonly user: string;
      readonly standing: Standing;
      readonly member: boolean;
      readonly observed: RoleRows;
      readonly changes: readonly DerivedChange[];
    };

const NO_ROLES: readonly string[] = [];

/** First half of deciding one user: standing, removals, wanted roles and the links that these need. */
export function draftUser(
  facts: UserFacts,
  team: Team,
  treatment: DecidingTreatment,
  rulebook: Rulebook,
): UserDraft {
  const standing = standingOf(team, facts.user, facts.member, treatment);
  const findings: FindingCode[] = [];
  if (holdsTwice(facts.rows.mongo) || holdsTwice(facts.rows.postgres)) findings.push('duplicate-active-role');
  const wantedRoles = standing === 'outsider' ? NO_ROLES : rulebook.policy.wanted[standing];
  if (standing === 'owner') {
    if (!facts.member) findings.push('owner-without-membership');
    if (extras(facts.rows.mongo, wantedRoles).length + extras(facts.rows.postgres, wantedRoles).length > 0) {
      findings.push('unknown-role');
    }
    if (!facts.member && rulebook.policy.ownerWithoutMembership === 'skip') {
      return { facts, standing, removals: [], wants: [], findings };
    }
  }
  const wants = [];
  for (const role of wantedRoles) {
    const wanted: WantedRole = {
      team: team.id,
      user: facts.user,
      role,
      rule: standing === 'owner' ? 'owner-wants' : 'member-wants',
      mongo: facts.rows.mongo.find((row) => row.role === role),
      postgres: facts.rows.postgres.find((row) => row.role === role),
    };
    const need = linkNeedOf(wanted, rulebook.asOf);
    if (need.kind === 'unlinked' && !findings.includes('unlinked-row')) findings.push('unlinked-row');
    if (need.kind !== 'none') wants.push({ wanted, need });
  }
  return {
    facts,
    standing,
    removals: removalsOf(facts.rows, team, standing, rulebook.policy),
    wants,
    findings,
  };
}

/** Second half: the verdict, from the rows under the ids. One conflict blocks the whole user in this team. */
export function settleUser(draft: UserDraft, links: Links): UserVerdict {
  const { facts } = draft;
  if (facts.malformed.length > 0) return { kind: 'blocked', code: 'malformed-row', fields: facts.malformed };
  const changes = [...draft.removals];
  const mongo = [...facts.rows.mongo];
  const postgres = [...facts.rows.postgres];
  for (const { wanted, need } of draft.wants) {
    const outcome = decideWantedRole(wanted, need, links);
    if (outcome.kind === 'link-conflict') return { kind: 'blocked', code: 'link-conflict' };
    changes.push(...outcome.changes);
    if (outcome.reactivated === undefined) continue;
    if ('mongoId' in outcome.reactivated) postgres.push(outcome.reactivated);
    else mongo.push(outcome.reactivated);
  }
  if (changes.length === 0) return { kind: 'nothing' };
  // One id as ObjectId and as string: a change could not tell which of the two documents it means.
  if (new Set(mongo.map((row) => row.id)).size < mongo.length)
    return { kind: 'blocked', code: 'link-conflict' };
  return {
    kind: 'decision',
    user: facts.user,
    standing: draft.standing,
    member: facts.member,
    observed: {
      mongo: mongo.sort((a, b) => byCodeUnit(a.id, b.id)),
      postgres: postgres.sort((a, b) => bySerialId(a.id, b.id)),
    },
    changes: changes.sort(inPlanOrder),
  };
}

/** Changes by store, op, role, then row id (docs/design.md, "The plan file"). */
export function inPlanOrder(a: DerivedChange, b: DerivedChange): number {
  return byCodeUnit(a.store, b.store) || byCodeUnit(a.op, b.op) || byCodeUnit(a.role, b.role) || byRow(a, b);
}

function byRow(a: DerivedChange, b: DerivedChange): number {
  if (a.op !== 'insert' && b.op !== 'insert' && a.store === 'postgres' && b.store === 'postgres')
    return bySerialId(a.id, b.id);
  const keyOf = (change: DerivedChange): string => String(change.op === 'insert' ? change.link : change.id);
  return byCodeUnit(keyOf(a), keyOf(b));
}

/** Right column of the standing table: what happens to active rows that are not wanted. */
function removalsOf(rows: RoleRows, team: Team, standing: Standing, policy: Policy): DerivedChange[] {
  if (standing === 'owner') return [];
  const wanted = standing === 'member' ? policy.wanted.member : NO_ROLES;
  const action = standing === 'member' ? policy.memberExtras : policy.outsiders;
  if (action === 'keep') return [];
  const op: Exclude<Op, 'insert'> = action;
  const rule = standing === 'member' ? 'member-extra' : OUTSIDER_RULES[team.state];
  const inMongo = extras(rows.mongo, wanted);
  const inPostgres = extras(rows.postgres, wanted);
  // Written out: copies by spread of one object took 30 MiB more in a large plan.
  return [
    ...inMongo.map(({ role, id }) => ({ op, store: 'mongo', role, rule, id }) as const),
    ...inPostgres.map(({ role, id }) => ({ op, store: 'postgres', role, rule, id }) as const),
  ];
}

const OUTSIDER_RULES: Readonly<Record<TeamState, Rule>> = {
  live: 'outsider-holds',
  deleted: 'deleted-team-holds',
  missing: 'missing-team-holds',
};

function extras<Row extends { role: string }>(rows: readonly Row[], wanted: readonly string[]): Row[] {
  return rows.filter((row) => !wanted.includes(row.role));
}

function holdsTwice(rows: readonly { role: string }[]): boolean {
  return rows.some((row, index) => rows.findIndex((other) => other.role === row.role) < index);
}

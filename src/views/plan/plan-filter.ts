import { findDangers } from '../../files/plan/dangers/find-dangers.js';
import { isDestructive, type Op } from '../../model/change.js';
import type { Dangers } from '../../model/danger.js';
import type { Block, Finding } from '../../model/finding.js';
import type { Store } from '../../model/store.js';
import type { Standing } from '../../model/team.js';
import { identified } from './looked-for.js';
import { STANDING_WORDS, STORE_NAMES, type Quote } from './rule-words.js';
import { named, numeral, quantity } from '../quantity.js';
import type { ShownChange, ShownPlan, ShownRule, ShownTeam, TeamTest } from './shown-plan.js';
import { changesIn } from './totals.js';

/** The part of a plan to show; teams and users by id. An empty list lets everything through; all conditions must hold at once. */
export interface PlanFilter {
  readonly teams: readonly string[];
  readonly users: readonly string[];
  readonly ops: readonly Op[];
  readonly stores: readonly Store[];
  readonly roles: readonly string[];
  readonly rules: readonly ShownRule[];
  readonly standings: readonly Standing[];
  readonly removals: 'only' | 'and-others';
}

export const NO_FILTER: PlanFilter = {
  ...{ teams: [], users: [], ops: [], stores: [], roles: [], rules: [], standings: [] },
  removals: 'and-others',
};

export interface Tally {
  readonly teams: number;
  readonly users: number;
  readonly changes: number;
}

/** The part of a plan that is to be shown. */
export interface FilteredPlan {
  /** Its header is that of the whole plan. */
  readonly plan: ShownPlan;
  /** Every decision with all of its changes. */
  readonly whole: ShownPlan;
  /** Null: the plan is whole. */
  readonly part: { readonly filter: PlanFilter; readonly shown: Tally; readonly all: Tally } | null;
}

/**
 * Applies a filter, in which teams and users may also go by their names; reads the teams once to count what it leaves.
 *
 * @throws Failure (operational) where the plan lacks a team or user that the filter names
 */
export async function filteredPlan(plan: ShownPlan, asked: PlanFilter): Promise<FilteredPlan> {
  if (!isFiltering(asked)) return { plan, whole: plan, part: null };
  const filter = await identified(plan, asked);
  const left: ShownPlan = {
    header: plan.header,
    digest: plan.digest,
    findings: () => filteredConcerns(plan.findings(), filter),
    blocked: () => filteredConcerns(plan.blocked(), filter),
    teams: (wanted) => filteredTeams(plan, filter, wanted),
  };
  return {
    plan: left,
    whole: plan,
    part: { filter, shown: await tallyOf(left.teams()), all: wholeTally(plan) },
  };
}

/**
 * What a reader should look at first. A filter by team or user leaves out other teams and users; all else of a filter does
 * not count, for part of a user's changes would tell another story. Reads the teams once.
 */
export function dangersIn({ whole, part }: FilteredPlan): Promise<Dangers> {
  const { teams, users } = part?.filter ?? NO_FILTER;
  return findDangers({ header: whole.header, teams: whole.teams(({ id }) => lets(teams, id)), users });
}

export function isFiltering(filter: PlanFilter): boolean {
  const { removals, ...lists } = filter;
  return removals === 'only' || Object.values(lists).some((list) => list.length > 0);
}

/** The teams with those changes that the filter lets through; users and teams without any are dropped. */
export async function* filteredTeams(
  plan: Pick<ShownPlan, 'teams'>,
  filter: PlanFilter,
  wanted: TeamTest = () => true,
  wantedChange: (change: ShownChange) => boolean = () => true,
): AsyncIterable<ShownTeam> {
  const teams = plan.teams((team) => lets(filter.teams, team.id) && wanted(team));
  for await (const { team, decisions } of teams) {
    const kept = decisions.flatMap((decision) => {
      if (!lets(filter.standings, decision.standing)) return [];
      const changes = decision.changes.filter(
        (change) => letsChange(filter, decision.user, change) && wantedChange(change),
      );
      return changes.length === 0 ? [] : [{ ...decision, changes }];
    });
    if (kept.length > 0) yield { team, decisions: kept };
  }
}

/** Findings and blocked entries have no operation or store. */
async function* filteredConcerns<C extends Finding | Block>(
  concerns: AsyncIterable<C>,
  filter: PlanFilter,
): AsyncIterable<C> {
  for await (const concern of concerns) {
    if (lets(filter.teams, concern.team) && lets(filter.users, concern.user)) yield concern;
  }
}

/** A filter that names nothing wants everything. */
export function lets<T>(wanted: readonly T[], found: T | null): boolean {
  return wanted.length === 0 || (found !== null && wanted.includes(found));
}

/** A receipt does not say by which rule. */
type FilterableChange = Pick<ShownChange, 'op' | 'store' | 'role'> & { readonly rule?: ShownRule };

/** Whether a filter lets a change of this user's roles through, whatever the team. */
export function letsChange(
  { users, ops, stores, roles, rules, removals }: PlanFilter,
  user: string,
  { op, store, role, rule }: FilterableChange,
): boolean {
  const wanted = lets(users, user) && lets(ops, op) && lets(stores, store) && lets(roles, role);
  return wanted && lets(rules, rule ?? null) && (removals === 'and-others' || isDestructive(op));
}

export function wholeTally({ header }: Pick<ShownPlan, 'header'>): Tally {
  const { teams, users } = header.summary;
  return { teams: teams.changed, users: users.changed, changes: changesIn(header.summary) };
}

async function tallyOf(teams: AsyncIterable<ShownTeam>): Promise<Tally> {
  const tally = { teams: 0, users: 0, changes: 0 };
  for await (const { decisions } of teams) {
    tally.teams += 1;
    tally.users += decisions.length;
    for (const decision of decisions) tally.changes += decision.changes.length;
  }
  return tally;
}

/** What a filtered view says of itself, so that nobody takes the part for the whole. */
export function filterWords({ filter, shown, all }: NonNullable<FilteredPlan['part']>, quote: Quote): string {
  return (
    `This is a part of the plan (${conditionWords(filter, quote)}): ` +
    `${numeral(shown.changes)} of ${quantity(all.changes, 'change')}, for ${numeral(shown.users)} of ` +
    `${quantity(all.users, 'user')} in ${numeral(shown.teams)} of ${quantity(all.teams, 'team')}, shown. ` +
    'The totals are those of the whole plan.'
  );
}

/** What a filter lets through, in words: `only team …; only changes that take a role away`. */
export function conditionWords(filter: PlanFilter, quote: Quote): string {
  return [
    ...oneOf('team', filter.teams, quote),
    ...oneOf('user', filter.users, quote),
    ...oneOf('operation', filter.ops, String),
    ...oneOf('store', filter.stores, (store) => STORE_NAMES[store]),
    ...oneOf('role', filter.roles, quote),
    ...oneOf('rule', filter.rules, String),
    ...oneOf('standing', filter.standings, (standing) => `${standing} (${STANDING_WORDS[standing]})`),
    ...(filter.removals === 'only' ? ['only changes that take a role away'] : []),
  ].join('; ');
}

function oneOf<T extends string>(what: string, wanted: readonly T[], quote: (one: T) => string): string[] {
  return wanted.length === 0 ? [] : [`only ${what} ${named(wanted, quote)}`];
}

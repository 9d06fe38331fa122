import { diff } from 'json-diff';
import { inTeamOrder } from '../../model/team.js';
import type { TeamFilter } from '../../model/team-filter.js';
import type { Change, PlanDecision } from '../../model/decision.js';
import type { Block, Concern, Finding } from '../../model/finding.js';
import { byCodeUnit } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { inConcernOrder } from './concern-order.js';
import { mergeJoin, streamed, type Joined } from '../merge-join.js';
import type { VerifiedPlan } from './reader.js';
import { addressOf } from '../row-image.js';
import type { PlanHeader, PlanTeam, PlanTeamHead } from './schema.js';

/** Seen from the old plan to the new one. */
export type Appearance = 'appeared' | 'disappeared';

/** `renamed`: it stands in both plans, and its user has another name, which changes no decision. */
export type ConcernChange = Appearance | 'renamed';

/**
 * One difference between two plans. `diff` is what json-diff says, with every list made a map first: it tells rows and
 * changes apart, not places in a list.
 */
export type PlanDifference =
  | { readonly kind: 'header'; readonly field: string; readonly diff: unknown }
  | { readonly kind: 'finding'; readonly change: ConcernChange; readonly finding: Finding }
  | { readonly kind: 'block'; readonly change: ConcernChange; readonly block: Block }
  | { readonly kind: 'team'; readonly change: Appearance; readonly team: PlanTeam }
  | { readonly kind: 'team-changed'; readonly old: PlanTeamHead; readonly new: PlanTeamHead }
  | UserRenamed
  | {
      readonly kind: 'decision';
      readonly change: Appearance;
      readonly team: PlanTeamHead;
      readonly decision: PlanDecision;
    }
  | {
      readonly kind: 'decision-changed';
      readonly team: PlanTeamHead;
      readonly old: PlanDecision;
      readonly new: PlanDecision;
      readonly diff: unknown;
    };

/** The creator of a team or one of its users has another name, which changes no decision. Null: none. */
export interface UserRenamed {
  readonly kind: 'user-renamed';
  readonly team: PlanTeamHead;
  readonly user: string;
  readonly old: string | null;
  readonly new: string | null;
}

/** The setting that says where names stand. It changes no decision either. */
export const NAMES_SETTING = 'mapping.mongo.users';

/**
 * The differences of two plans: header, findings, blocked, then decisions by team and user. Yields nothing exactly if
 * the plans are byte for byte the same. Holds one team of each plan in memory.
 *
 * @param onTeam called for every team, whether it is in one plan or in both
 */
export async function* comparePlans(
  oldPlan: VerifiedPlan,
  newPlan: VerifiedPlan,
  onTeam?: () => void,
): AsyncGenerator<PlanDifference> {
  yield* compareHeaders(oldPlan.header, newPlan.header);
  for await (const { change, concern } of compareConcerns(oldPlan.findings(), newPlan.findings()))
    yield { kind: 'finding', change, finding: concern };
  for await (const { change, concern } of compareConcerns(oldPlan.blocked(), newPlan.blocked()))
    yield { kind: 'block', change, block: concern };
  const teams = mergeJoin(oldPlan.teams(), newPlan.teams(), (a, b) => inTeamOrder(a.team, b.team));
  for await (const joined of teams) {
    if (joined.kind !== 'both') yield { kind: 'team', change: appearance(joined), team: only(joined) };
    else yield* compareTeams(joined.old, joined.new, oldPlan.header.mapping, newPlan.header.mapping);
    onTeam?.();
  }
}

async function* compareConcerns<Told extends Concern>(
  olds: AsyncIterable<Told>,
  news: AsyncIterable<Told>,
): AsyncGenerator<{ readonly change: ConcernChange; readonly concern: Told }> {
  for await (const joined of mergeJoin(olds, news, inConcernOrder)) {
    if (joined.kind !== 'both') yield { change: appearance(joined), concern: only(joined) };
    else if (joined.old.name !== joined.new.name) yield { change: 'renamed', concern: joined.new };
  }
}

function* compareHeaders(old: PlanHeader, fresh: PlanHeader): Iterable<PlanDifference> {
  const olds = new Map(headerFields(old));
  const news = new Map(headerFields(fresh));
  for (const field of new Set([...olds.keys(), ...news.keys()])) {
    const difference: unknown = diff(keyed(olds.get(field) ?? null), keyed(news.get(field) ?? null));
    if (difference !== undefined) yield { kind: 'header', field, diff: difference };
  }
}

function headerFields(header: PlanHeader): [string, unknown][] {
  const { users, ...mongo } = header.mapping.mongo;
  const mapping = { ...header.mapping, mongo };
  return Object.entries({ ...header, filter: keyedFilter(header.filter), mapping, [NAMES_SETTING]: users });
}

/** By team instead of by place: one more team in front must not make all the others differ. */
function keyedFilter({ teams, excludeTeams, shard }: TeamFilter): object {
  const names = (ids: readonly string[]): object =>
    Object.fromEntries(ids.map((id) => [`team ${id}`, 'named']));
  return { teams: teams === null ? null : names(teams), excludeTeams: names(excludeTeams), shard };
}

async function* compareTeams(
  old: PlanTeam,
  fresh: PlanTeam,
  oldMapping: Mapping,
  newMapping: Mapping,
): AsyncGenerator<PlanDifference> {
  const [{ createdByName: oldName, ...oldTeam }, { createdByName: newName, ...newTeam }] = [
    old.team,
    fresh.team,
  ];
  if (JSON.stringify(oldTeam) !== JSON.stringify(newTeam)) {
    yield { kind: 'team-changed', old: old.team, new: fresh.team };
  } else yield* renamed(fresh.team, fresh.team.createdBy, oldName, newName);
  const byUser = (a: PlanDecision, b: PlanDecision): number => byCodeUnit(a.user, b.user);
  for await (const joined of mergeJoin(streamed(old.decisions), streamed(fresh.decisions), byUser)) {
    if (joined.kind !== 'both') {
      yield { kind: 'decision', change: appearance(joined), team: fresh.team, decision: only(joined) };
      continue;
    }
    const { name: oldName, ...before } = joined.old;
    const { name: newName, ...after } = joined.new;
    yield* renamed(fresh.team, after.user, oldName, newName);
    if (JSON.stringify(before) === JSON.stringify(after)) continue;
    const difference: unknown = diff(keyedDecision(before, oldMapping), keyedDecision(after, newMapping));
    yield { kind: 'decision-changed', team: fresh.team, old: joined.old, new: joined.new, diff: difference };
  }
}

function* renamed(
  team: PlanTeamHead,
  user: string | null,
  old: string | undefined,
  fresh: string | undefined,
): Iterable<UserRenamed> {
  if (user === null || old === fresh) return;
  yield { kind: 'user-renamed', team, user, old: old ?? null, new: fresh ?? null };
}

/** Rows and changes under names instead of places. No such name is special to JavaScript. */
function keyedDecision(decision: PlanDecision, mapping: Mapping): object {
  const { standing, member, observed, changes } = decision;
  return {
    standing,
    member,
    observed: {
      mongo: Object.fromEntries(observed.mongo.map((row) => [`row ${row.id}`, row])),
      postgres: Object.fromEntries(observed.postgres.map((row) => [`row ${row.id}`, row])),
    },
    changes: Object.fromEntries(
      changes.map((change: Change<string>) => {
        // A new Postgres row has no id yet.
        const { id, link } = addressOf(change, mapping);
        return [`${change.op} ${change.store} ${change.role} ${id ?? link}`, keyed(change)];
      }),
    ),
    ...('undo' in decision ? { undo: keyed(decision.undo) } : {}),
  };
}

/** Makes every list a map from place to item: json-diff compares long lists in quadratic time. */
function keyed(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [
    Array.isArray(value) ? `[${key}]` : key,
    keyed(item),
  ]);
  return Object.fromEntries(entries);
}

type Lone<Item> = Exclude<Joined<Item>, { kind: 'both' }>;

function appearance(joined: Lone<unknown>): Appearance {
  return joined.kind === 'only-new' ? 'appeared' : 'disappeared';
}

function only<Item>(joined: Lone<Item>): Item {
  return joined.kind === 'only-old' ? joined.old : joined.new;
}

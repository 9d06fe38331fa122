import { createHash } from 'node:crypto';
import { byCodeUnit } from './id.js';

/**
 * What a team is according to MongoDB: `live` (its document exists and is not marked deleted), `deleted`
 * (`is_deleted: true`) or `missing` (role rows name it, but there is no document).
 */
export const TEAM_STATES = ['live', 'deleted', 'missing'] as const;
export type TeamState = (typeof TEAM_STATES)[number];

/** The part of a team document that decisions depend on; `name` is only shown. */
export interface Team {
  readonly id: string;
  readonly name: string | null;
  readonly state: TeamState;
  /** The id of the creator; null where it is absent or malformed. */
  readonly createdBy: string | null;
  /** As `Named.name`, of the creator. */
  readonly createdByName?: string | undefined;
}

/** Somebody with an id, as far as a plan knows. */
export interface Named {
  /** As it is shown beside the id; two people may share one. Left out where it is unknown or was not asked for. */
  readonly name?: string | undefined;
}

/** What a user is to a team (docs/design.md, "The rules"). */
export const STANDINGS = ['owner', 'member', 'outsider'] as const;
export type Standing = (typeof STANDINGS)[number];

/** The teams that are looked at. Lists are sorted by code unit and name nothing twice. */
export interface TeamFilter {
  /** Only these; null: all. */
  readonly teams: readonly string[] | null;
  readonly excludeTeams: readonly string[];
  /** One of `count` parts of all teams, counted from 0; null: all parts. */
  readonly shard: { readonly index: number; readonly count: number } | null;
}

/** A filter that leaves no team out. */
export const EVERY_TEAM: TeamFilter = { teams: null, excludeTeams: [], shard: null };

export function isEveryTeam({ teams, excludeTeams, shard }: TeamFilter): boolean {
  return teams === null && excludeTeams.length === 0 && shard === null;
}

/**
 * The part that a team belongs to: the first 4 bytes of `sha256(team)`, big-endian, modulo `count`. It depends only on
 * the id, so that parts planned at different times never overlap.
 */
export function shardOf(team: string, count: number): number {
  return createHash('sha256').update(team).digest().readUInt32BE(0) % count;
}

/** Tests whether a team passes the filter. */
export function teamFilterTest(filter: TeamFilter): (team: string) => boolean {
  const included = filter.teams === null ? null : new Set(filter.teams);
  const excluded = new Set(filter.excludeTeams);
  const { shard } = filter;
  return (team) =>
    (included === null || included.has(team)) &&
    !excluded.has(team) &&
    (shard === null || shardOf(team, shard.count) === shard.index);
}

/** Existing teams come first by id, then missing teams by id (docs/design.md, "The plan file"). */
export function inTeamOrder(a: Team, b: Team): number {
  return Number(a.state === 'missing') - Number(b.state === 'missing') || byCodeUnit(a.id, b.id);
}

import { createHash } from 'node:crypto';

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

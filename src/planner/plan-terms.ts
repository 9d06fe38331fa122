import { CLOCK_DIFFERENCE_MAX } from '../files/plan/check/header-check.js';
import { Failure } from '../model/failure.js';
import { byCodeUnit, isId, type IdType } from '../model/id.js';
import { type TeamFilter, teamFilterTest } from '../model/team-filter.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { Mapping } from '../model/mapping.js';

/**
 * @param asOf milliseconds since 1970, like `now`
 * @throws {Failure} refused: more than five minutes after `now`, or before 1970 (docs/design.md, "The plan file")
 */
export function refuseUnusableAsOf(asOf: number, now: number): void {
  const problem =
    asOf > now + CLOCK_DIFFERENCE_MAX
      ? 'the time given lies more than five minutes in the future'
      : !Number.isSafeInteger(asOf) || asOf < 0
        ? 'the time given is no time since 1970 in whole milliseconds'
        : null;
  if (problem === null) return;
  throw new Failure('refused', {
    doing: 'making a plan',
    problem,
    next: 'Give --as-of the present time or an earlier one, and check the clock of this machine.',
  });
}

/**
 * The filter as a plan holds it: its lists are sorted and without repetitions.
 *
 * @throws {Failure} usage: a malformed id would match no team and pass unnoticed, or the part does not exist
 */
export function canonicalFilter({ teams, excludeTeams, shard }: TeamFilter, ids: IdType): TeamFilter {
  const malformed = [...(teams ?? []), ...excludeTeams].find((team) => !isId(team, ids));
  if (malformed !== undefined)
    throw unusable(
      `${JSON.stringify(malformed)} is no team id`,
      'Give the ids of teams as the plan shows them.',
    );
  if (shard !== null && shard.index >= shard.count)
    throw unusable(
      `there is no part ${shard.index} of ${shard.count}`,
      'Count the parts from 0: the last of 4 is 3.',
    );
  return {
    teams: teams === null ? null : sortedSet(teams),
    excludeTeams: sortedSet(excludeTeams),
    shard: shard === null ? null : { index: shard.index, count: shard.count },
  };
}

function sortedSet(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort(byCodeUnit);
}

function unusable(problem: string, next: string): Failure {
  return new Failure('usage', { doing: 'choosing the teams to plan for', problem, next });
}

/** A rough number for progress alone, which misses teams without a document; null if unknown. One round trip. */
export async function expectedTeams(
  filter: TeamFilter,
  mongo: MongoConnection,
  mapping: Mapping,
): Promise<number | null> {
  if (filter.teams !== null) return new Set(filter.teams.filter(teamFilterTest(filter))).size;
  const all = await mongo.db
    .collection(mapping.mongo.collections.teams)
    .estimatedDocumentCount({ maxTimeMS: 1_000 })
    .catch(() => null);
  return all === null ? null : expectedOf(all, filter);
}

/** How many of all teams pass a filter that names none: parts are of about the same size. */
export function expectedOf(all: number, { excludeTeams, shard }: TeamFilter): number {
  return Math.round(Math.max(0, all - new Set(excludeTeams).size) / (shard?.count ?? 1));
}

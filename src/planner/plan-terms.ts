import { CLOCK_DIFFERENCE_MAX } from '../files/plan/check/header-check.js';
import { Failure } from '../model/failure.js';
import { byCodeUnit, isId, type IdType } from '../model/id.js';
import { type TeamFilter, teamFilterTest } from '../model/team.js';
import { estimateDocuments } from '../stores/row-count.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { Mapping } from '../model/mapping.js';

/**
 * Refuses a time that no plan can be made for (docs/design.md, "The plan file").
 *
 * @param asOf milliseconds since 1970
 * @param now milliseconds since 1970
 * @throws {Failure} refused: more than five minutes after `now`, or before 1970
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
 * The filter as it stands in a plan: lists sorted and without repetitions, whatever the order they were given in.
 *
 * @throws {Failure} usage: an id that is none would match no team and pass unnoticed, or a part that does not exist
 */
export function canonicalFilter({ teams, excludeTeams, shard }: TeamFilter, ids: IdType): TeamFilter {
  for (const team of [...(teams ?? []), ...excludeTeams]) {
    if (!isId(team, ids)) {
      throw unusable(
        `${JSON.stringify(team)} is no team id`,
        'Give the ids of teams as the plan shows them.',
      );
    }
  }
  if (shard !== null && shard.index >= shard.count) {
    throw unusable(
      `there is no part ${shard.index} of ${shard.count}`,
      'Count the parts from 0: the last of 4 is 3.',
    );
  }
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

/**
 * About how many teams a plan will read, for progress alone: teams without a document are not known before. Null where
 * nobody knows. Costs one round trip, and none where the filter names the teams.
 */
export async function expectedTeams(
  filter: TeamFilter,
  mongo: MongoConnection,
  mapping: Mapping,
): Promise<number | null> {
  if (filter.teams !== null) return new Set(filter.teams.filter(teamFilterTest(filter))).size;
  const all = await estimateDocuments(mongo, mapping.mongo.collections.teams);
  return all === null ? null : expectedOf(all, filter);
}

/** How many of all teams pass a filter that names none: parts are of about the same size. */
export function expectedOf(all: number, { excludeTeams, shard }: TeamFilter): number {
  return Math.round(Math.max(0, all - new Set(excludeTeams).size) / (shard?.count ?? 1));
}

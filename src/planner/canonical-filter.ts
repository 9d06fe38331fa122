import type { Filter } from '../files/plan/schema.js';
import { Failure } from '../model/failure.js';
import { byCodeUnit, isId, type IdType } from '../model/id.js';
import type { TeamFilter } from '../model/team-filter.js';

/**
 * The filter as it stands in a plan: lists sorted and without repetitions, whatever the order they were given in.
 *
 * @throws {Failure} usage: an id that is none would match no team and pass unnoticed, or a part that does not exist
 */
export function canonicalFilter({ teams, excludeTeams, shard }: TeamFilter, ids: IdType): Filter {
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

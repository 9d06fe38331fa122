import type { MongoConnection } from '../stores/mongo/connection.js';
import type { Mapping } from '../model/mapping.js';
import { teamFilterTest, type TeamFilter } from '../model/team-filter.js';

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

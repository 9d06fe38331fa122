import { Failure } from '../model/failure.js';
import type { TeamRows } from './team-facts.js';

/** Consecutive rows of one team; a row whose team is not legible stands alone, with `team` null. */
export interface TeamGroup {
  readonly team: string | null;
  readonly rows: Partial<TeamRows>;
}
export type TeamGroups = AsyncGenerator<TeamGroup, undefined, undefined>;

/**
 * Cuts a stream of rows sorted by team into its teams.
 *
 * @param parse undefined: this is no row
 * @param passes rows of other teams are left out
 * @param as what such rows are to a team
 * @throws {Failure} operational, where the rows are not sorted by team in order of code units
 */
export async function* groupByTeam<Raw, Row extends { readonly team: string | null }>(
  batches: AsyncIterable<readonly Raw[]>,
  parse: (raw: Raw) => Row | undefined,
  passes: (team: string) => boolean,
  as: (rows: readonly Row[]) => Partial<TeamRows>,
): TeamGroups {
  let group: { readonly team: string; readonly rows: Row[]; readonly wanted: boolean } | undefined;
  for await (const batch of batches) {
    for (const raw of batch) {
      const row = parse(raw);
      if (row === undefined) continue;
      if (row.team === null) {
        yield { team: null, rows: as([row]) };
      } else if (row.team === group?.team) {
        if (group.wanted) group.rows.push(row);
      } else {
        if (group !== undefined && row.team < group.team) throw outOfOrder(group.team, row.team);
        if (group?.wanted === true) yield { team: group.team, rows: as(group.rows) };
        const wanted = passes(row.team);
        group = { team: row.team, rows: wanted ? [row] : [], wanted };
      }
    }
  }
  if (group?.wanted === true) yield { team: group.team, rows: as(group.rows) };
}

function outOfOrder(before: string, after: string): Failure {
  return new Failure('operational', {
    doing: 'reading the teams in order',
    problem: `a database gave team ${after} after team ${before}`,
    next: 'Look for a collation of the collections or of the team id column that does not order ids by their characters.',
  });
}

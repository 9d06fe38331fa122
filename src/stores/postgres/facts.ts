import { TEAM_SCOPE } from '../../model/role-row.js';
import { postgresRoleRowParser, type StoredPostgresRow } from './role-row.js';
import type { PostgresRoleTable } from './role-table.js';
import type { PostgresSnapshot } from './snapshot.js';
import { groupByTeam, type TeamGroup } from '../team-groups.js';

/** The active role rows of scope TEAM by ascending team id; with `teams` null also those without a legible team, last. */
export function readPostgresFacts(
  snapshot: PostgresSnapshot,
  table: PostgresRoleTable,
  teams: readonly string[] | null,
  passes: (team: string) => boolean,
): AsyncGenerator<TeamGroup<StoredPostgresRow>, undefined, undefined> {
  const { id, team, active } = table.quoted;
  const { exact } = table;
  const inTeams = teams === null ? '' : `AND ${exact.team} = ANY ($2::text[])`;
  // Bytes give the plan file's order of ids under every collation of the database.
  const text = `SELECT ${table.columnList} FROM ${table.rows} AS r
    WHERE ${exact.scope} = $1 AND r.${active} ${inTeams}
    ORDER BY r.${team} COLLATE pg_catalog."C", r.${id}`;
  return groupByTeam(
    snapshot.batches(text, teams === null ? [TEAM_SCOPE] : [TEAM_SCOPE, teams]),
    postgresRoleRowParser(table),
    passes,
  );
}

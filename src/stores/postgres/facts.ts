import pg from 'pg';
import { Failure } from '../../model/failure.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import { postgresRoleRowParser } from './role-row.js';
import type { PostgresRoleTable } from './role-table.js';
import type { PostgresSnapshot } from './snapshot.js';
import { groupByTeam, type TeamGroups } from '../team-groups.js';

/** The active role rows of scope TEAM by ascending team id; with `teams` null also those without a legible team, last. */
export function readPostgresFacts(
  snapshot: PostgresSnapshot,
  table: PostgresRoleTable,
  teams: readonly string[] | null,
  passes: (team: string) => boolean,
): TeamGroups {
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
    (rows) => ({ postgres: rows }),
  );
}

/** Matches UTF-8 in an encoding where every byte is a character. */
const UTF8 = [
  String.raw`[\x01-\x7f]`,
  String.raw`[\xc2-\xdf][\x80-\xbf]`,
  String.raw`\xe0[\xa0-\xbf][\x80-\xbf]`,
  String.raw`[\xe1-\xec\xee\xef][\x80-\xbf]{2}`,
  String.raw`\xed[\x80-\x9f][\x80-\xbf]`,
  String.raw`\xf0[\x90-\xbf][\x80-\xbf]{2}`,
  String.raw`[\xf1-\xf3][\x80-\xbf]{3}`,
  String.raw`\xf4[\x80-\x8f][\x80-\xbf]{2}`,
].join('|');

/**
 * Refuses a database in SQL_ASCII with texts that are no UTF-8: such a text would end the reading without naming its
 * place.
 *
 * @throws {Failure} operational, naming row and column
 */
export async function refuseIllegibleTexts(
  snapshot: PostgresSnapshot,
  table: PostgresRoleTable,
): Promise<void> {
  const { name, rows, quoted, exact, mapped } = table;
  const [encoding] = await snapshot.rows(`SELECT pg_catalog.current_setting('server_encoding')`, []);
  if (encoding?.[0] !== 'SQL_ASCII') return;
  const [found] = await snapshot.rows(
    `SELECT r.${quoted.id}, held.key FROM ${rows} AS r
       CROSS JOIN LATERAL pg_catalog.jsonb_each_text(pg_catalog.to_jsonb(r.*)) AS held
      WHERE ${exact.scope} = ${pg.escapeLiteral(TEAM_SCOPE)} AND held.value !~ $1 LIMIT 1`,
    [`^(?:${UTF8})*$`],
  );
  if (found === undefined) return;
  const [id, column] = found;
  throw new Failure('operational', {
    doing: `reading the rows of the Postgres table ${name}`,
    problem: `the row with the ${mapped.columns.id} ${id ?? ''} holds bytes in ${column ?? ''} that are no UTF-8`,
    next: 'Correct the text: the encoding of this database is SQL_ASCII, under which PostgreSQL takes any bytes.',
  });
}

import pg from 'pg';
import { LiveRows, type LivePostgresRow, type LiveQuestion } from '../../model/live.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import {
  forTable,
  livePostgresRow,
  queryTexts,
  type PostgresRoleTable,
  type Repetition,
} from './role-table.js';

/** Not a parameter: a generic plan could not use a partial index on this scope. */
const SCOPE = pg.escapeLiteral(TEAM_SCOPE);

const readText = forTable(
  ({ quoted, exact, rows, columnList }) => `SELECT ${columnList} FROM ${rows} AS r
      WHERE (${exact.team} = ANY ($1::text[]) AND ${exact.user} = ANY ($2::text[])
             AND ${exact.scope} = ${SCOPE} AND r.${quoted.active})
         OR r.${quoted.id} = ANY ($3::int8[]) OR ${exact.mongoId} = ANY ($4::text[])`,
);

/** Reads the users' active rows in the teams, and all rows with one of the ids. Others may be among them. */
export async function readLivePostgresRows(
  client: pg.Client,
  table: PostgresRoleTable,
  questions: readonly LiveQuestion[],
  repetition: Repetition = 'once',
): Promise<LiveRows<LivePostgresRow>> {
  const parameters = [
    questions.map(({ team }) => team),
    [...new Set(questions.flatMap(({ users }) => users))],
    questions.flatMap(({ postgresIds }) => postgresIds),
    questions.flatMap(({ links }) => links),
  ];
  const rows = await queryTexts(client, readText(table), parameters, repetition);
  return new LiveRows(rows.map((row) => livePostgresRow(table, row)));
}

const lockText = forTable(
  ({ quoted, exact, rows }) => `SELECT FROM ${rows} AS r
      WHERE ${exact.team} = $1 AND ${exact.user} = ANY ($2::text[]) AND ${exact.scope} = ${SCOPE}
      ORDER BY r.${quoted.id} FOR UPDATE`,
);

/**
 * Locks all rows of the users in the team, in id order against deadlocks. A foreign row with an id of the plan needs no
 * lock, since nothing is written then. Citus needs a statement about one team.
 */
export async function lockLivePostgresRows(
  client: pg.Client,
  table: PostgresRoleTable,
  question: LiveQuestion,
  repetition: Repetition,
): Promise<void> {
  await queryTexts(client, lockText(table), [question.team, question.users], repetition);
}

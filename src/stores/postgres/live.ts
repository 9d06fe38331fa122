import pg from 'pg';
import { LiveRows, type LivePostgresRow, type LiveQuestion } from '../../model/live.js';
import { TEAM_SCOPE } from '../../model/role-row.js';
import {
  livePostgresRow,
  queryTexts,
  statementName,
  type PostgresRoleTable,
  type Repetition,
} from './role-table.js';

/** Not a parameter: a plan that is made for any scope could not use an index over the rows of this one alone. */
const SCOPE = pg.escapeLiteral(TEAM_SCOPE);

/**
 * Reads the rows that judging these teams needs, in one statement: the users' active rows in the teams, and whatever
 * carries one of the ids. Rows of other teams may be among them.
 */
export async function readLivePostgresRows(
  client: pg.Client,
  table: PostgresRoleTable,
  questions: readonly LiveQuestion[],
  repetition: Repetition = 'once',
): Promise<LiveRows<LivePostgresRow>> {
  const { quoted, exact } = table;
  const rows = await queryTexts(
    client,
    `SELECT ${table.columnList} FROM ${table.rows} AS r
      WHERE (${exact.team} = ANY ($1::text[]) AND ${exact.user} = ANY ($2::text[])
             AND ${exact.scope} = ${SCOPE} AND r.${quoted.active})
         OR r.${quoted.id} = ANY ($3::int8[]) OR ${exact.mongoId} = ANY ($4::text[])`,
    parameters(questions),
    repetition,
  );
  return new LiveRows(rows.map((row) => livePostgresRow(table, row)));
}

/**
 * Locks the users' rows in the team, active or not, in id order, so that two applies cannot deadlock on them. Rows of other
 * teams that carry one of the ids are only read: where there is one, nothing is written. So the statement names one team,
 * without which Citus could not run it.
 */
export async function lockLivePostgresRows(
  client: pg.Client,
  table: PostgresRoleTable,
  question: LiveQuestion,
  repetition: Repetition,
): Promise<void> {
  const { quoted, exact } = table;
  const text = `SELECT FROM ${table.rows} AS r
      WHERE ${exact.team} = $1 AND ${exact.user} = ANY ($2::text[]) AND ${exact.scope} = ${SCOPE}
      ORDER BY r.${quoted.id} FOR UPDATE`;
  await client.query({
    ...(repetition === 'prepared' && { name: statementName(text) }),
    text,
    values: [question.team, question.users],
  });
}

function parameters(questions: readonly LiveQuestion[]): unknown[] {
  return [
    questions.map(({ team }) => team),
    [...new Set(questions.flatMap(({ users }) => users))],
    questions.flatMap(({ postgresIds }) => postgresIds),
    questions.flatMap(({ links }) => links),
  ];
}

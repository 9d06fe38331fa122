import type pg from 'pg';
import type { LivePostgresRow, LiveQuestion } from '../team/live.js';
import { TEAM_SCOPE } from '../team/role-row.js';
import { livePostgresRow, queryTexts, type PostgresRoleTable } from './postgres-role-table.js';

/**
 * Reads the rows that judging these teams needs, in one statement: the users' active rows in the teams, and whatever
 * carries one of the ids. Rows of other teams may be among them.
 */
export async function readLivePostgresRows(
  client: pg.Client,
  table: PostgresRoleTable,
  questions: readonly LiveQuestion[],
): Promise<LivePostgresRow[]> {
  const { quoted } = table;
  const rows = await queryTexts(
    client,
    `SELECT ${table.columnList} FROM ${table.name} AS r
      WHERE (r.${quoted.team} = ANY ($1::text[]) AND r.${quoted.user} = ANY ($2::text[])
             AND r.${quoted.scope} = $3 AND r.${quoted.active})
         OR r.${quoted.id} = ANY ($4::int8[]) OR r.${quoted.mongoId} = ANY ($5::text[])`,
    parameters(questions),
  );
  return rows.map((row) => livePostgresRow(table, row));
}

/** Locks the same rows and the users' inactive ones, in id order, so that two applies cannot deadlock on them. */
export async function lockLivePostgresRows(
  client: pg.Client,
  table: PostgresRoleTable,
  question: LiveQuestion,
): Promise<void> {
  const { quoted } = table;
  await client.query(
    `SELECT FROM ${table.name} AS r
      WHERE (r.${quoted.team} = ANY ($1::text[]) AND r.${quoted.user} = ANY ($2::text[]) AND r.${quoted.scope} = $3)
         OR r.${quoted.id} = ANY ($4::int8[]) OR r.${quoted.mongoId} = ANY ($5::text[])
      ORDER BY r.${quoted.id} FOR UPDATE`,
    parameters([question]),
  );
}

function parameters(questions: readonly LiveQuestion[]): unknown[] {
  return [
    questions.map(({ team }) => team),
    [...new Set(questions.flatMap(({ users }) => users))],
    TEAM_SCOPE,
    questions.flatMap(({ postgresIds }) => postgresIds),
    questions.flatMap(({ links }) => links),
  ];
}

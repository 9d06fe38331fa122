import type { MongoConnection } from '../stores/mongo/connection.js';
import { throughElection } from '../stores/mongo/election.js';
import { readLiveMongo } from '../stores/mongo/live.js';
import { readLivePostgresRows } from '../stores/postgres/live.js';
import type { PostgresConnection } from '../stores/postgres/connection.js';
import type { PostgresRoleTable } from '../stores/postgres/role-table.js';
import { readFailure } from '../stores/read-failure.js';
import { judgeTeam, type Judgement, type JudgingTerms, type PlannedTeam } from './judge.js';
import { liveQuestion } from './live-question.js';

/** How many teams, and how many users in them, are read at once. */
const BATCH_TEAMS = 50;
const BATCH_DECISIONS = 500;

/** The open stores, for reading. */
export interface SurveyStores {
  readonly mongo: MongoConnection;
  readonly postgres: PostgresConnection;
  readonly table: PostgresRoleTable;
}

export interface SurveyedTeam<T extends PlannedTeam> {
  readonly planned: T;
  readonly judgement: Judgement;
}

/**
 * Judges teams against the databases as they are now, in batched reads of both stores; nothing is locked or written. While
 * the caller looks at one batch, the next is read.
 */
export async function* surveyTeams<T extends PlannedTeam>(
  teams: AsyncIterable<T>,
  stores: SurveyStores,
  terms: JudgingTerms,
): AsyncGenerator<SurveyedTeam<T>> {
  let reading: Promise<SurveyedTeam<T>[]> | undefined;
  for await (const batch of batches(teams)) {
    const surveyed = await reading;
    reading = surveyBatch(batch, stores, terms);
    // It is awaited in the next round, if there is one.
    reading.catch(() => undefined);
    if (surveyed !== undefined) yield* surveyed;
  }
  if (reading !== undefined) yield* await reading;
}

async function surveyBatch<T extends PlannedTeam>(
  batch: readonly T[],
  { mongo, postgres, table }: SurveyStores,
  terms: JudgingTerms,
): Promise<SurveyedTeam<T>[]> {
  const questions = batch.map(({ team, decisions }) => liveQuestion(team.id, decisions, terms.mapping));
  const [live, postgresRows] = await Promise.all([
    throughElection(() => readLiveMongo(mongo.db, terms.mapping, questions)).catch((error: unknown) => {
      throw readFailure(error, 'MongoDB', mongo.address);
    }),
    postgres
      .read(({ client }) => readLivePostgresRows(client, table, questions))
      .catch((error: unknown) => {
        throw readFailure(error, 'PostgreSQL', postgres.address);
      }),
  ]);
  const mongoOf = groupRows(live.rows, (row) => [row.id]);
  const postgresOf = groupRows(postgresRows, (row) => [`id ${row.id}`, row.mongoId]);
  return batch.map((planned, index) => {
    const question = questions[index];
    const standings = live.standings.get(planned.team.id);
    if (question === undefined || standings === undefined) throw new Error('a team was not read');
    const keys = {
      mongo: question.mongoIds,
      postgres: [...question.postgresIds.map((id) => `id ${id}`), ...question.links],
    };
    const rows = {
      standings,
      mongo: rowsFor(planned.team.id, keys.mongo, mongoOf),
      postgres: rowsFor(planned.team.id, keys.postgres, postgresOf),
    };
    return { planned, judgement: judgeTeam(planned, rows, terms) };
  });
}

/** Rows by their team, and by each of their keys. */
interface RowGroups<Row> {
  readonly byTeam: ReadonlyMap<string, readonly Row[]>;
  readonly byKey: ReadonlyMap<string, readonly Row[]>;
}

function groupRows<Row extends { readonly team: string | null }>(
  rows: readonly Row[],
  keysOf: (row: Row) => readonly (string | null)[],
): RowGroups<Row> {
  const byTeam = new Map<string, Row[]>();
  const byKey = new Map<string, Row[]>();
  const add = (map: Map<string, Row[]>, key: string, row: Row): void => {
    const group = map.get(key);
    if (group) group.push(row);
    else map.set(key, [row]);
  };
  for (const row of rows) {
    if (row.team !== null) add(byTeam, row.team, row);
    for (const key of keysOf(row)) if (key !== null) add(byKey, key, row);
  }
  return { byTeam, byKey };
}

function rowsFor<Row>(team: string, keys: readonly string[], groups: RowGroups<Row>): Row[] {
  const rows = new Set(groups.byTeam.get(team));
  for (const key of keys) for (const row of groups.byKey.get(key) ?? []) rows.add(row);
  return [...rows];
}

async function* batches<T extends PlannedTeam>(teams: AsyncIterable<T>): AsyncGenerator<T[]> {
  let batch: T[] = [];
  let decisions = 0;
  for await (const team of teams) {
    batch.push(team);
    decisions += team.decisions.length;
    if (batch.length < BATCH_TEAMS && decisions < BATCH_DECISIONS) continue;
    yield batch;
    batch = [];
    decisions = 0;
  }
  if (batch.length > 0) yield batch;
}

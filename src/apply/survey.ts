import type { PlanHeader, PlanTeam } from '../files/plan/schema.js';
import { withoutNames } from '../model/mapping.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { throughElection } from '../stores/mongo/election.js';
import { readLiveMongo } from '../stores/mongo/live.js';
import { readLivePostgresRows } from '../stores/postgres/live.js';
import type { PostgresConnection } from '../stores/postgres/connection.js';
import { describeRoleTable, type PostgresRoleTable } from '../stores/postgres/role-table.js';
import { readFailed } from '../stores/read-failure.js';
import { readTargets } from '../stores/targets.js';
import { judgeStore } from './judge-rows.js';
import { judgeTeam, type Judgement, type JudgingTerms } from './judge.js';
import { plannedTeam } from './planned-team.js';
import { checkTargets } from './target-check.js';

/** The most teams, and the most users in them, in one read. */
const BATCH_TEAMS = 50;
const BATCH_DECISIONS = 500;

export interface SurveyStores {
  readonly mongo: MongoConnection;
  readonly postgres: PostgresConnection;
  readonly table: PostgresRoleTable;
}

/** @throws Failure (refused) if the plan was made for other databases, (operational) where they cannot be read */
export async function storesOfPlan(
  { targets, mapping }: PlanHeader,
  mongo: MongoConnection,
  postgres: PostgresConnection,
): Promise<SurveyStores> {
  const found = await readTargets(mongo, postgres, withoutNames(mapping));
  checkTargets(targets, found, { mongo, postgres });
  const table = await postgres
    .read(({ client }) => describeRoleTable(client, mapping))
    .catch(readFailed('PostgreSQL', postgres));
  return { mongo, postgres, table };
}

export interface SurveyedTeam {
  readonly team: string;
  /** As the plan shows it. */
  readonly name: string | null;
  readonly judgement: Judgement;
}

/** Judges teams by the present databases, without locks. The next batch is read while the caller looks at one. */
export async function* surveyTeams(
  teams: AsyncIterable<PlanTeam>,
  stores: SurveyStores,
  terms: JudgingTerms,
): AsyncGenerator<SurveyedTeam> {
  let reading: Promise<SurveyedTeam[]> | undefined;
  for await (const batch of batches(teams)) {
    const surveyed = await reading;
    reading = surveyBatch(batch, stores, terms);
    // The next round awaits it, if there is one.
    reading.catch(() => undefined);
    if (surveyed !== undefined) yield* surveyed;
  }
  if (reading !== undefined) yield* await reading;
}

async function surveyBatch(
  batch: readonly PlanTeam[],
  { mongo, postgres, table }: SurveyStores,
  terms: JudgingTerms,
): Promise<SurveyedTeam[]> {
  const teams = batch.map((team) => plannedTeam(team, terms));
  const questions = teams.map(({ question }) => question);
  const [live, postgresRows] = await Promise.all([
    throughElection(() => readLiveMongo(mongo.db, terms.mapping, questions)).catch(
      readFailed('MongoDB', mongo),
    ),
    postgres
      .read(({ client }) => readLivePostgresRows(client, table, questions))
      .catch(readFailed('PostgreSQL', postgres)),
  ]);
  return teams.map((planned) => {
    const stores = [judgeStore('mongo', planned, live.rows), judgeStore('postgres', planned, postgresRows)];
    const judgement = judgeTeam(planned, stores, live.standingsOf(planned.team.id), terms);
    return { team: planned.team.id, name: planned.team.name, judgement };
  });
}

async function* batches(teams: AsyncIterable<PlanTeam>): AsyncGenerator<PlanTeam[]> {
  let batch: PlanTeam[] = [];
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

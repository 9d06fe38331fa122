import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { openFileSink } from '../../src/files/file-sink.js';
import { readPlan } from '../../src/files/plan/reader.js';
import type { PlanTeam } from '../../src/files/plan/schema.js';
import { connectBoth } from '../../src/stores/connections.js';
import type { Patience } from '../../src/model/waiting.js';
import { AS_OF, planInto } from '../integration/planner/made-plan.js';
import { fill } from '../databases.js';
import { until } from '../until.js';
import { createDatabases, dumpBoth, type Databases } from './databases.js';
import type { Engine } from './engine.js';
import type { Dump, Violation } from './evidence.js';
import { plannedEffects, type PlannedEffect } from './planned-effect.js';
import type { ProcessPool } from './process-pool.js';
import type { Scenario } from './scenario.js';

/** When a killed process's backends should be gone at the latest, in milliseconds. */
const RESIDUE_AFTER_MS = 15_000;
const BLOCKED_BY_MS = 30_000;

export interface BedPlan {
  readonly path: string;
  readonly teams: readonly string[];
  readonly effects: readonly PlannedEffect[];
}

/** Databases of their own, which are brought back to the same state before every case, and plans made of that state. */
export class TestBed<PlanName extends string = string> {
  readonly engine: Engine;
  readonly pool: ProcessPool;
  readonly databases: Databases;
  readonly #scenario: Scenario;
  readonly #directory: string;
  readonly #plans = new Map<PlanName, BedPlan>();
  #receipts = 0;

  private constructor(
    engine: Engine,
    pool: ProcessPool,
    databases: Databases,
    scenario: Scenario,
    directory: string,
  ) {
    this.engine = engine;
    this.pool = pool;
    this.databases = databases;
    this.#scenario = scenario;
    this.#directory = directory;
  }

  /** @param plans the teams of each plan; each is made a second after the one before */
  static async create<PlanName extends string>(
    engine: Engine,
    pool: ProcessPool,
    scenario: Scenario,
    plans: Readonly<Record<PlanName, readonly string[]>>,
  ): Promise<TestBed<PlanName>> {
    const directory = await mkdtemp(join(tmpdir(), 'fix-roles-faults-'));
    const bed = new TestBed<PlanName>(engine, pool, await createDatabases(engine), scenario, directory);
    await bed.restore();
    for (const name in plans) {
      bed.#plans.set(name, await bed.makePlan(name, plans[name], AS_OF + bed.#plans.size * 1_000));
    }
    return bed;
  }

  plan(name: PlanName): BedPlan {
    const plan = this.#plans.get(name);
    if (plan === undefined) throw new Error(`there is no plan ${name}`);
    return plan;
  }

  /** Every row and document as in the scenario, with the same ids; identities and plans stay valid. */
  async restore(): Promise<Dump> {
    const { mongo, postgres } = this.databases;
    await fill({ mongo, pg: postgres }, this.#scenario);
    await postgres.query('DELETE FROM suite.effects');
    return this.dump();
  }

  dump(): Promise<Dump> {
    return dumpBoth(this.databases);
  }

  /**
   * Plans these teams, as they are now.
   *
   * @param asOf milliseconds since 1970
   * @throws Failure if a store cannot be read
   */
  async makePlan(
    name: string,
    teams: readonly string[],
    asOf = AS_OF,
    reading: { readonly patience?: Patience; readonly batchSize?: number } = {},
  ): Promise<BedPlan> {
    const path = this.planPath(name);
    const patience = reading.patience && { patience: reading.patience };
    const connections = await connectBoth(
      {
        mongo: { uri: this.engine.mongoUri, database: this.databases.name, ...patience },
        postgres: this.databases.postgresSettings,
      },
      'plan',
    );
    try {
      const out = await openFileSink(path, 'refuse');
      const filter = { teams, excludeTeams: [], shard: null };
      await planInto(out, connections, { filter, asOf, now: Date.now() }, reading);
    } finally {
      await connections.close();
    }
    const plan = await readPlan({ kind: 'file', path, trust: 'any' }, { now: Date.now() });
    const planned: PlanTeam[] = [];
    for await (const team of plan.teams()) planned.push(team);
    await plan.close();
    const ids = planned.map(({ team }) => team.id);
    return { path, teams: ids, effects: plannedEffects(planned, plan.header.asOf) };
  }

  planPath(name: string): string {
    return join(this.#directory, `${name}.json`);
  }

  newReceipt(): string {
    return join(this.#directory, `receipt-${++this.#receipts}.jsonl`);
  }

  /** Waits until a connection with this name waits for a lock that somebody else holds. */
  async waitUntilBlocked(name: string): Promise<void> {
    const waiting = async (): Promise<true | undefined> => {
      const { rowCount } = await this.databases.postgres.query(
        `SELECT FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = $1 AND cardinality(pg_blocking_pids(pid)) > 0`,
        [name],
      );
      return rowCount === 0 ? undefined : true;
    };
    await until(`${name} to wait`, BLOCKED_BY_MS, waiting, 5);
  }

  /**
   * What a run that has ended has left behind in Postgres: connections, open transactions, the lock.
   *
   * @param limitMs how long the server is given to notice that a client is gone
   */
  async residue(limitMs = RESIDUE_AFTER_MS): Promise<Violation[]> {
    const deadline = Date.now() + limitMs;
    for (;;) {
      const { rows } = await this.databases.postgres.query<{ what: string }>(
        `SELECT application_name || ' is ' || coalesce(state, 'there') AS what FROM pg_stat_activity
          WHERE datname = current_database() AND application_name LIKE 'fix-roles apply%'
         UNION ALL
         SELECT 'an advisory lock is held' FROM pg_locks
          WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      );
      if (rows.length === 0) return [];
      if (Date.now() >= deadline) return rows.map(({ what }) => ({ kind: 'residue', text: what }));
      await delay(5);
    }
  }

  async stop(): Promise<void> {
    await this.databases.drop();
    await rm(this.#directory, { recursive: true });
  }
}

import { isDeepStrictEqual } from 'node:util';
import { MongoClient } from 'mongodb';
import type { ReplicaSetNode } from '../replica-set-node.js';
import { ReplicaSet } from '../replica-set.js';
import { until } from '../until.js';
import { documentsOf } from './databases.js';
import type { Engine } from './engine.js';
import type { Dump, Violation } from './evidence.js';
import { stateOf } from './planned-effect.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';

const ASK_AGAIN_AFTER_MS = 20;
const WRITTEN_AFTER_MS = 90_000;
const AGREED_AFTER_MS = 30_000;

export type PlanName = 'allTeams' | 'onlyInMongo';

/** A replica set of its own, with a test bed in it. */
export class ReplicaSetBed {
  readonly set: ReplicaSet;
  readonly bed: TestBed<PlanName>;

  private constructor(set: ReplicaSet, bed: TestBed<PlanName>) {
    this.set = set;
    this.bed = bed;
  }

  static async create(
    engine: Engine,
    pool: ProcessPool,
    members: 3 | 'with-arbiter',
  ): Promise<ReplicaSetBed> {
    const set = await ReplicaSet.start({ members });
    const scenario = scenarioOf(3, 'with-mongo-only');
    const plans = { allTeams: scenario.broken, onlyInMongo: scenario.broken.slice(-1) };
    const bed = await TestBed.create({ ...engine, mongoUri: set.uri }, pool, scenario, plans);
    return new ReplicaSetBed(set, bed);
  }

  /** Waits until a change of the plan of all teams stands on this member, whether or not any other has it. */
  async written(node: ReplicaSetNode): Promise<void> {
    const ofMongo = this.bed.plan('allTeams').effects.filter(({ store }) => store === 'mongo');
    await this.#untilRows(node, WRITTEN_AFTER_MS, (rows) =>
      ofMongo.some((effect) => stateOf(effect, rows) === 'after'),
    );
  }

  /** All members that hold data have to hold the same. */
  async disagreements(): Promise<Violation[]> {
    const expected = await documentsOf(this.bed.databases.mongo);
    const data = this.set.nodes.filter(({ arbiter }) => !arbiter);
    const found = await Promise.all(
      data.map(async (node): Promise<Violation[]> => {
        try {
          await this.#untilRows(node, AGREED_AFTER_MS, (rows) => isDeepStrictEqual(rows, expected));
          return [];
        } catch (error) {
          return [
            { kind: 'outside', text: `${node.address} does not agree with the primary: ${String(error)}` },
          ];
        }
      }),
    );
    return found.flat();
  }

  async stop(): Promise<void> {
    await this.bed.stop();
    await this.set.stop();
  }

  /** Reads a member until its rows are as they should be. */
  async #untilRows(
    node: ReplicaSetNode,
    limitMs: number,
    isRight: (rows: Dump['rows']) => boolean,
  ): Promise<void> {
    const client = new MongoClient(node.directUri, { readPreference: 'primaryPreferred' });
    const ask = async (): Promise<true | undefined> => {
      // While it rolls back it cannot be read.
      const rows = await documentsOf(client.db(this.bed.databases.name)).catch(() => null);
      return rows !== null && isRight(rows) ? true : undefined;
    };
    await until(`the rows on ${node.address}`, limitMs, ask, ASK_AGAIN_AFTER_MS).finally(() =>
      client.close(),
    );
  }
}

import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { MongoClient } from 'mongodb';
import { ReplicaSet } from '../replica-set.js';
import type { ReplicaSetNode } from '../replica-set-node.js';
import { documentsOf, type Dump } from './dump.js';
import { programOf, type Engine } from './engine.js';
import type { Violation } from './evidence.js';
import { stateOf } from './planned-effect.js';
import { scenarioOf } from './scenario.js';
import { TestBed, type BedPlan } from './test-bed.js';

const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');
const ASK_AGAIN_AFTER_MS = 20;
const WRITTEN_AFTER_MS = 90_000;
const AGREED_AFTER_MS = 30_000;

/** A replica set of its own, with a test bed in it. */
export class ReplicaSetBed {
  readonly set: ReplicaSet;
  readonly bed: TestBed;
  readonly plans: { readonly all: BedPlan; readonly onlyInMongo: BedPlan };

  private constructor(set: ReplicaSet, bed: TestBed, plans: ReplicaSetBed['plans']) {
    this.set = set;
    this.bed = bed;
    this.plans = plans;
  }

  static async create(engine: Engine, members: 3 | 'with-arbiter'): Promise<ReplicaSetBed> {
    const set = await ReplicaSet.start({ members }, programOf(engine));
    const scenario = scenarioOf(3, 'with-mongo-only');
    const bed = await TestBed.create({ ...engine, mongoUri: set.uri }, scenario);
    return new ReplicaSetBed(set, bed, {
      all: await bed.plan('all-teams', scenario.broken, AS_OF),
      onlyInMongo: await bed.plan('only-in-mongo', scenario.broken.slice(-1), AS_OF),
    });
  }

  /** Waits until a change of the plan stands on this member, whether or not any other has it. */
  async written(node: ReplicaSetNode, { effects }: BedPlan): Promise<void> {
    const found = await this.#rowsOn(node, WRITTEN_AFTER_MS, (rows) =>
      effects.some((effect) => effect.store === 'mongo' && stateOf(effect, rows) === 'after'),
    );
    if (!found) throw new Error('nothing of the plan was ever written there');
  }

  /** All members that hold data have to hold the same. */
  async disagreements(): Promise<Violation[]> {
    const expected = await documentsOf(this.bed.databases.mongo);
    const data = this.set.nodes.filter(({ arbiter }) => !arbiter);
    const agreed = await Promise.all(
      data.map((node) => this.#rowsOn(node, AGREED_AFTER_MS, (rows) => isDeepStrictEqual(rows, expected))),
    );
    return data.flatMap(({ address }, index): Violation[] =>
      agreed[index] === true ? [] : [{ kind: 'outside', text: `${address} does not agree with the primary` }],
    );
  }

  async stop(): Promise<void> {
    await this.bed.drop();
    await this.set.stop();
  }

  /** Reads a member until its rows are as they should be. @returns whether they were in time */
  async #rowsOn(
    node: ReplicaSetNode,
    limitMs: number,
    isRight: (rows: Dump['rows']) => boolean,
  ): Promise<boolean> {
    const deadline = Date.now() + limitMs;
    const client = new MongoClient(node.directUri, { readPreference: 'primaryPreferred' });
    const db = client.db(this.bed.databases.name);
    try {
      for (;;) {
        // While it rolls back it cannot be read.
        const rows = await documentsOf(db).catch(() => null);
        if (rows !== null && isRight(rows)) return true;
        if (Date.now() > deadline) return false;
        await delay(ASK_AGAIN_AFTER_MS);
      }
    } finally {
      await client.close();
    }
  }
}

import type { Patience } from '../../src/model/waiting.js';
import type { Store } from '../../src/model/role-row.js';
import type { CaseResult } from './case-result.js';
import type { Engine } from './engine.js';
import type { Violation } from './evidence.js';
import { FAULT_KINDS, FaultProxy, type FaultKind } from './fault-proxy.js';
import { inLanes } from './lanes.js';
import { MongoWire } from './mongo-wire.js';
import { ObservedRuns } from './observed-runs.js';
import { PostgresWire } from './postgres-wire.js';
import type { ProcessPool } from './process-pool.js';
import { resumeViolations } from './resume-check.js';
import { scenarioOf } from './scenario.js';
import { TestBed, type BedPlan } from './test-bed.js';
import type { Phase } from './wire-reader.js';

/** Most of the time is spent waiting for what does not come. */
const LANES = 8;
const AS_OF = Date.parse('2026-01-02T03:04:05.678Z');
/** How long a run waits for a connection or an answer, in milliseconds. */
const PATIENCE: Patience = { connectMs: 1_500, answerMs: 1_500 };
/** Late enough for everybody to have given up. */
const DELAY_MS = 2_200;
/** A run gets over what happens once; what does not end makes it give up. */
const RETRY_FOR_MS = { once: 30_000, lasting: 1_500 } as const;

const PHASES: Readonly<Record<Store, readonly Phase[]>> = {
  mongo: ['connect', 'commit reply'],
  postgres: [
    'connect',
    'description',
    'lock',
    'survey',
    'connect as worker',
    'read',
    'write',
    'commit request',
    'commit reply',
    'read-back',
  ],
};
/** From here on, what happens once is the run's own business to get over. */
const RESILIENT = new Set<Phase>(['read', 'write', 'commit request', 'commit reply']);

interface NetworkFault {
  readonly store: Store;
  readonly phase: Phase;
  readonly kind: FaultKind;
  readonly lasts: 'once' | 'lasting';
}

interface NetworkBed {
  readonly bed: TestBed;
  readonly plan: BedPlan;
  readonly proxies: Readonly<Record<Store, FaultProxy>>;
}

/**
 * Every kind of fault, in every phase, with either store, once and for as long as the run goes on; with MongoDB only where
 * it cannot be made to fail by itself.
 */
export async function networkFaults(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const beds = await Promise.all(Array.from({ length: LANES }, () => createNetworkBed(engine)));
  try {
    const faults = (['mongo', 'postgres'] as const).flatMap((store) =>
      PHASES[store].flatMap((phase) =>
        FAULT_KINDS.flatMap((kind) =>
          (['once', 'lasting'] as const).map((lasts): NetworkFault => ({ store, phase, kind, lasts })),
        ),
      ),
    );
    return await inLanes(beds, faults, (fault, bed) => survive(fault, bed, pool));
  } finally {
    for (const { bed, proxies } of beds) {
      await Promise.all([proxies.mongo.stop(), proxies.postgres.stop()]);
      await bed.drop();
    }
  }
}

async function createNetworkBed(engine: Engine): Promise<NetworkBed> {
  const scenario = scenarioOf(0);
  const bed = await TestBed.create(engine, scenario);
  const mongo = new URL(engine.mongoUri);
  const { host, port } = bed.databases.postgresSettings;
  return {
    bed,
    plan: await bed.plan('one-team', scenario.broken, AS_OF),
    proxies: {
      mongo: await FaultProxy.start(
        { host: mongo.hostname, port: Number(mongo.port || '27017') },
        () => new MongoWire(),
      ),
      postgres: await FaultProxy.start({ host, port }, () => new PostgresWire()),
    },
  };
}

async function survive(fault: NetworkFault, network: NetworkBed, pool: ProcessPool): Promise<CaseResult> {
  const { bed, plan, proxies } = network;
  const runs = await ObservedRuns.begin(bed, plan);
  const direct = runs.order({});
  const through = {
    mongo: {
      ...direct.mongo,
      patience: PATIENCE,
      // Otherwise the driver would ask the server for its address, and go round the proxy.
      uri: `mongodb://127.0.0.1:${proxies.mongo.port}/?directConnection=true`,
    },
    postgres: { ...direct.postgres, patience: PATIENCE, host: '127.0.0.1', port: proxies.postgres.port },
  };
  const times = fault.lasts === 'once' ? 1 : Number.POSITIVE_INFINITY;
  proxies[fault.store].arm({ kind: fault.kind, phase: fault.phase, times, delayMs: DELAY_MS });
  const ending = await pool.run(runs.order({ ...through, retryForMs: RETRY_FOR_MS[fault.lasts] }));
  const { struck } = proxies[fault.store];
  for (const proxy of Object.values(proxies)) {
    proxy.disarm();
    await proxy.quiet();
  }
  await runs.ended(ending);
  const last = await runs.ended(await pool.run(runs.order({})));
  const violations: Violation[] = [...runs.violations, ...resumeViolations(last)];
  if (struck === 0) violations.push({ kind: 'report', text: 'the fault never struck' });
  const overcome = ending.kind === 'report' && ending.result === 'complete';
  if (fault.lasts === 'once' && RESILIENT.has(fault.phase) && !overcome) {
    violations.push({
      kind: 'report',
      text: `it should get over it, and ended with ${JSON.stringify(ending)}`,
    });
  }
  return { name: `${fault.store}: ${fault.kind} at ${fault.phase}, ${fault.lasts}`, violations };
}

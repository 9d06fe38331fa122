import type { Patience } from '../../src/model/waiting.js';
import type { Store } from '../../src/model/store.js';
import type { Engine } from './engine.js';
import { wrong, type CaseResult } from './evidence.js';
import { FAULT_KINDS, FaultProxy, type FaultKind } from './fault-proxy.js';
import { inLanes } from './lanes.js';
import { ObservedRuns } from './observed-runs.js';
import type { ProcessPool } from './process-pool.js';
import { scenarioOf } from './scenario.js';
import { TestBed } from './test-bed.js';
import { MongoWire, PostgresWire, type Phase } from './wire.js';

/** Most of the time is spent waiting for what does not come. */
const LANES = 8;
/** How long a run waits for a connection or an answer, in milliseconds. */
const PATIENCE: Patience = { connectMs: 1_500, answerMs: 1_500 };
/** Late enough for everybody to have given up. */
const DELAY_MS = 2_200;
/** A run gets over what happens once; what does not end makes it give up. */
const RETRY_FOR_MS = { once: 30_000, lasting: 1_500 } as const;

const PHASES: Readonly<Record<Store, readonly Phase[]>> = {
  mongo: ['connect', 'commit reply'],
  postgres: [
    ...(['connect', 'description', 'lock', 'survey', 'connect as worker', 'read', 'write'] as const),
    ...(['commit request', 'commit reply', 'read-back'] as const),
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
  readonly proxies: Readonly<Record<Store, FaultProxy>>;
  stop(): Promise<void>;
}

/**
 * Every kind of fault, in every phase, with either store, once and for as long as the run goes on; with MongoDB only where
 * it cannot be made to fail by itself.
 */
export function networkFaults(engine: Engine, pool: ProcessPool): Promise<CaseResult[]> {
  const faults = (['mongo', 'postgres'] as const).flatMap((store) =>
    PHASES[store].flatMap((phase) =>
      FAULT_KINDS.flatMap((kind) =>
        (['once', 'lasting'] as const).map((lasts): NetworkFault => ({ store, phase, kind, lasts })),
      ),
    ),
  );
  return inLanes(LANES, () => createNetworkBed(engine, pool), faults, survive);
}

async function createNetworkBed(engine: Engine, pool: ProcessPool): Promise<NetworkBed> {
  const scenario = scenarioOf(0);
  const bed = await TestBed.create(engine, pool, scenario, { oneTeam: scenario.broken });
  const { hostname, port } = new URL(engine.mongoUri);
  const mongo = await FaultProxy.start(
    { host: hostname, port: Number(port || '27017') },
    () => new MongoWire(),
  );
  const postgres = await FaultProxy.start(bed.databases.postgresSettings, () => new PostgresWire());
  const stop = async (): Promise<void> => {
    await Promise.all([mongo.stop(), postgres.stop()]);
    await bed.stop();
  };
  return { bed, proxies: { mongo, postgres }, stop };
}

async function survive(fault: NetworkFault, { bed, proxies }: NetworkBed): Promise<CaseResult> {
  const { store, phase, kind, lasts } = fault;
  const runs = await ObservedRuns.begin(bed, 'oneTeam');
  const direct = runs.order();
  const times = lasts === 'once' ? 1 : Number.POSITIVE_INFINITY;
  proxies[store].arm({ kind, phase, times, delayMs: DELAY_MS });
  const ending = await runs.run({
    mongo: {
      ...direct.mongo,
      patience: PATIENCE,
      // Otherwise the driver would ask the server for its address, and go round the proxy.
      uri: `mongodb://127.0.0.1:${proxies.mongo.port}/?directConnection=true`,
    },
    postgres: { ...direct.postgres, patience: PATIENCE, host: '127.0.0.1', port: proxies.postgres.port },
    retryForMs: RETRY_FOR_MS[lasts],
  });
  const { struck } = proxies[store];
  for (const proxy of Object.values(proxies)) {
    proxy.disarm();
    await proxy.quiet();
  }
  await runs.ended(ending);
  const violations = await runs.finish();
  if (struck === 0) violations.push(wrong('the fault never struck'));
  const overcome = ending.kind === 'report' && ending.result === 'complete';
  if (lasts === 'once' && RESILIENT.has(phase) && !overcome) {
    violations.push(wrong(`it should get over it, and ended with ${JSON.stringify(ending)}`));
  }
  return { name: `${store}: ${kind} at ${phase}, ${lasts}`, violations };
}

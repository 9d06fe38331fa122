import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect } from 'vitest';
import { applyPlan } from '../../../src/apply/apply.js';
import type { ApplyProspect, ApplyReport } from '../../../src/model/apply-report.js';
import type { ApplyRequest } from '../../../src/apply/request.js';
import { openFileSink } from '../../../src/files/file-sink.js';
import type { Summary } from '../../../src/files/plan/schema.js';
import { readPlan, type PlanSource, type VerifiedPlan } from '../../../src/files/plan/reader.js';
import { readReceipt } from '../../../src/files/receipt/index.js';
import { openReceipt, readReceiptLines } from '../../../src/files/receipt/reader.js';
import type { ReceiptEvent } from '../../../src/files/receipt/schema.js';
import { openPlanWriter } from '../../../src/files/plan/writer.js';
import {
  revertChanges,
  type PlannedRevert,
  type RevertRequest,
} from '../../../src/planner/revert-changes.js';
import type { Connections } from '../../../src/stores/connections.js';
import { connectMongo, type MongoConnection } from '../../../src/stores/mongo/connection.js';
import { openLiveReader } from '../../../src/stores/live-reader.js';
import type { PostgresSettings } from '../../../src/stores/postgres/connection.js';
import { DEFAULT_APPLY_OPTIONS, type ApplyOptions } from '../../../src/model/apply-options.js';
import type { Block } from '../../../src/model/finding.js';
import type { Failure, FailureKind } from '../../../src/model/failure.js';
import { DEFAULT_MAPPING, type Mapping } from '../../../src/model/mapping.js';
import type { TeamOutcome } from '../../../src/model/outcome.js';
import { DEFAULT_POLICY, writtenRoles, type Policy } from '../../../src/model/policy.js';
import type { StepObserver } from '../../../src/model/step-observer.js';
import { contentsOf, type Contents } from '../../contents.js';
import { fill, type ServerAddresses } from '../../databases.js';
import { failureOf } from '../../failure.js';
import { createTestDatabases, type TestDatabases } from '../../servers.js';
import { planInto } from '../planner/made-plan.js';
import { connectBoth, mongoSettings, postgresSettings } from '../stores/test-connections.js';
import { insertBrokenTeams, teamId } from './broken-team.js';
import { LaterChanges } from './later-changes.js';

export interface Applying extends Partial<ApplyOptions>, StepObserver {
  readonly receiptPath?: string;
  /** The receipt that a revert plan takes back. */
  readonly of?: string;
  /** Another way to the same MongoDB, closed afterwards. */
  readonly mongo?: MongoConnection;
  readonly postgres?: PostgresSettings;
  readonly confirm?: (prospect: ApplyProspect) => 'confirmed' | 'declined';
  readonly interrupted?: AbortSignal;
}

/** A stage for the tests of a file, which breaks these teams anew before each of them. */
export async function stageWith(...teams: readonly number[]): Promise<Stage> {
  const stage = await Stage.open();
  afterAll(() => stage.close());
  beforeEach(() => stage.breakTeams(...teams));
  return stage;
}

/** Such a stage, with a plan of the teams, and how both databases stood when it was made; each anew before each test. */
export async function plannedStage(...teams: readonly number[]) {
  const stage = await stageWith(...teams);
  const planned = { stage, path: '', untouched: await stage.contents() };
  beforeEach(async () => {
    planned.path = await stage.plan();
    planned.untouched = await stage.contents();
  });
  return planned;
}

/** Databases of its own, a folder for plans and receipts, and the tool's own way of planning and applying. */
export class Stage {
  readonly databases: TestDatabases;
  readonly postgres: PostgresSettings;
  readonly folder: string;
  readonly later: LaterChanges;
  #plans = 0;
  /** The clock never stands before this: worlds have a fixed time. */
  #lastAsOf = 0;

  private constructor(databases: TestDatabases, folder: string) {
    this.databases = databases;
    this.postgres = postgresSettings(databases);
    this.folder = folder;
    this.later = new LaterChanges(databases);
  }

  /** @param servers others than those of the test run */
  static async open(servers: Partial<ServerAddresses> = {}): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), 'fix-roles-apply-'));
    return new Stage(await createTestDatabases(servers), folder);
  }

  async close(): Promise<void> {
    await this.databases.drop();
    await rm(this.folder, { recursive: true });
  }

  clear(): Promise<void> {
    return fill(this.databases);
  }

  /** Empties both databases, and fills them with broken teams of these numbers. */
  async breakTeams(...numbers: readonly number[]): Promise<void> {
    await this.clear();
    await insertBrokenTeams(this.databases, numbers);
  }

  connect(): Promise<Connections> {
    return connectBoth(this.databases);
  }

  /** Plans what there is into a file of its own, and returns its path. */
  async plan(options: { asOf?: number; policy?: Policy; mapping?: Mapping } = {}): Promise<string> {
    const path = join(this.folder, `plan-${++this.#plans}.json`);
    const { asOf = Date.now(), policy = DEFAULT_POLICY, mapping = DEFAULT_MAPPING } = options;
    this.#lastAsOf = asOf;
    const connections = await this.connect();
    try {
      const times = { asOf, now: Math.max(Date.now(), asOf) };
      const out = await openFileSink(path, 'refuse');
      await planInto(out, connections, { policy, mapping, ...times }, { roles: writtenRoles(policy) });
    } finally {
      await connections.close();
    }
    return path;
  }

  /** Plans to take back what a receipt says was applied, into a file of its own, and returns its path. */
  async revert(receiptPath: string, asOf = Date.now()): Promise<string> {
    return (await this.reverted(receiptPath, { asOf })).path;
  }

  /** The same, with what else came of it. */
  async reverted(
    receiptPath: string,
    changed: Partial<Pick<RevertRequest, 'asOf' | 'policy' | 'mapping'>> = {},
  ): Promise<PlannedRevert & { readonly path: string }> {
    const path = join(this.folder, `revert-${++this.#plans}.json`);
    const receipt = await readReceipt(strictly(receiptPath));
    const connections = await this.connect();
    try {
      const { mapping = receipt.head.mapping } = changed;
      const reader = await openLiveReader(connections, mapping);
      const writer = await openPlanWriter();
      const out = await openFileSink(path, 'refuse');
      const asOf = Date.now();
      const terms = { receipt, reader, mapping, policy: DEFAULT_POLICY, writer, out, asOf };
      const made = await revertChanges({ ...terms, ...changed, now: Date.now(), tool: 'fix-roles/test' });
      return { ...made, path };
    } finally {
      await connections.close();
      await receipt.close();
    }
  }

  /** Reads and verifies a plan, and closes it after use. */
  async read<T>(path: string, use: (plan: VerifiedPlan) => Promise<T>): Promise<T> {
    const plan = await readPlan(strictly(path), { now: Math.max(Date.now(), this.#lastAsOf) });
    try {
      return await use(plan);
    } finally {
      await plan.close();
    }
  }

  /** What a plan says of all that is in it. */
  summary(path: string): Promise<Summary> {
    return this.read(path, (plan) => Promise.resolve(plan.header.summary));
  }

  /** Applies a plan with the receipt beside it. One team at a time and no long retries, unless said otherwise. */
  apply(path: string, given: Applying = {}): Promise<ApplyReport> {
    return this.read(path, async (plan) => {
      const concurrency = given.concurrency ?? 1;
      const mongo =
        given.mongo ??
        (await connectMongo(mongoSettings(this.databases), { purpose: 'apply', poolSize: concurrency + 2 }));
      const of = given.of === undefined ? undefined : await readReceipt(strictly(given.of));
      try {
        const request: ApplyRequest = {
          plan,
          of,
          mongo,
          postgres: given.postgres ?? this.postgres,
          receiptPath: given.receiptPath ?? receiptOf(path),
          who: 'ann@desk',
          tool: 'fix-roles/test',
          options: {
            ...DEFAULT_APPLY_OPTIONS,
            concurrency,
            // The stores of most tests are small: the default would allow ten.
            maxRemovals: { kind: 'percent', percent: 100, floor: 0 },
            retryForMs: 5_000,
            ...given,
          },
          confirm: (prospect) => Promise.resolve(given.confirm?.(prospect) ?? 'confirmed'),
          observer: given,
          interrupted: given.interrupted ?? new AbortController().signal,
        };
        return await applyPlan(request);
      } finally {
        await of?.close();
        await mongo.close();
      }
    });
  }

  /** Applies a plan wholly, and returns its receipt. */
  async applied(path: string, of?: string): Promise<string> {
    expect((await this.apply(path, of === undefined ? {} : { of })).result).toBe('complete');
    return receiptOf(path);
  }

  /** Takes back wholly what a receipt says, and returns the receipt of that. */
  async takenBack(receipt: string): Promise<string> {
    return this.applied(await this.revert(receipt), receipt);
  }

  blockedIn(path: string): Promise<Block[]> {
    return this.read(path, async (plan) => {
      const found: Block[] = [];
      for await (const block of plan.blocked()) found.push(block);
      return found;
    });
  }

  /** The failure that an apply ends with, of this kind. */
  async failure(kind: FailureKind, path: string, given: Applying = {}): Promise<Failure> {
    const failure = await failureOf(this.apply(path, given));
    expect(failure.kind, failure.message).toBe(kind);
    return failure;
  }

  contents(): Promise<Contents> {
    return contentsOf(this.databases);
  }

  /** Every event of a receipt that was written whole. */
  async receipt(path: string): Promise<ReceiptEvent[]> {
    const file = await openReceipt(path);
    if (file === null) return [];
    const events: ReceiptEvent[] = [];
    try {
      for await (const { event } of readReceiptLines(path, file)) events.push(event);
    } finally {
      await file.close();
    }
    return events;
  }

  /** What a receipt says of the teams that were written. */
  async intents(path: string): Promise<Extract<ReceiptEvent, { event: 'intent' }>[]> {
    return (await this.receipt(path)).filter((event) => event.event === 'intent');
  }
}

function strictly(path: string): PlanSource {
  return { kind: 'file', path, trust: 'strict' };
}

/** Nothing was written: neither in the databases nor beside the plan. */
export async function expectNoTrace(stage: Stage, before: Contents, path: string): Promise<void> {
  expect(await stage.contents()).toEqual(before);
  await expect(stat(receiptOf(path))).rejects.toMatchObject({ code: 'ENOENT' });
}

export function receiptOf(plan: string): string {
  return `${plan}.receipt.jsonl`;
}

/** The kinds of the outcomes by team number. */
export function kindsOf(report: ApplyReport): Record<number, TeamOutcome['kind']> {
  return Object.fromEntries([...report.outcomes].map(([team, { kind }]) => [Number(team.slice(4)), kind]));
}

/** The result of an apply, and the kinds of the outcomes of teams 1, 2, …: `complete: applied, already-done`. */
export function endOf(report: ApplyReport): string {
  return `${report.result}: ${Object.values(kindsOf(report)).join(', ')}`;
}

/** Confirms, and notes what was asked. */
export function noting(prospects: ApplyProspect[]): (prospect: ApplyProspect) => 'confirmed' {
  return (prospect) => {
    prospects.push(structuredClone(prospect));
    return 'confirmed';
  };
}

export function outcomeOf(report: ApplyReport, team: number): TeamOutcome | undefined {
  return report.outcomes.get(teamId(team));
}

/** What the drifts of an outcome are about, each once. */
export function aboutsOf(outcome: TeamOutcome | undefined): string[] {
  return outcome !== undefined && 'drifts' in outcome
    ? [...new Set(outcome.drifts.map(({ about }) => about))]
    : [];
}

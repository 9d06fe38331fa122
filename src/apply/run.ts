import type { ReceiptHistory } from '../files/receipt/history.js';
import { RECEIPT_FORMAT, type ReceiptEvent } from '../files/receipt/schema.js';
import { ReceiptFailure, ReceiptWriter } from '../files/receipt/writer.js';
import type { VerifiedPlan } from '../files/plan/reader.js';
import type { PlanTeam } from '../files/plan/schema.js';
import type { ApplyLock } from '../stores/postgres/apply-lock.js';
import { connectPostgres, LONGEST_READ_MS } from '../stores/postgres/connection.js';
import type { ApplyRequest } from './apply.js';
import { Brake, executeTeams } from './execute.js';
import type { JudgingTerms } from './judge.js';
import { FORMAT_VERSION } from '../model/format-version.js';
import type { TeamOutcome } from '../model/outcome.js';
import type { Preflight } from './preflight.js';
import { readBack } from './read-back.js';
import { recordOutcome } from './record-outcome.js';
import { reportOf, type ApplyReport } from '../model/apply-report.js';
import type { SurveyStores } from './survey.js';
import type { MongoWriting } from './worker.js';

/** What an apply has in hands once it holds the lock. */
export interface RunContext {
  readonly request: ApplyRequest;
  /** The plan of the request with all its teams, where that is a part of them. */
  readonly whole: VerifiedPlan;
  readonly lock: ApplyLock;
  readonly writing: MongoWriting;
  /** Open since before the lock was taken; for reading. */
  readonly stores: SurveyStores;
  readonly terms: JudgingTerms;
}

/** One run of `apply`, from the confirmation to the end of its receipt. */
export class ApplyRun {
  readonly #context: RunContext;
  readonly #history: ReceiptHistory;
  readonly #found: Preflight;
  readonly #outcomes = new Map<string, TeamOutcome>();
  readonly #brake = new Brake();
  #begun = 0;

  constructor(context: RunContext, history: ReceiptHistory, found: Preflight) {
    this.#context = context;
    this.#history = history;
    this.#found = found;
    for (const [team, prospect] of found.prospects) {
      if (prospect.kind !== 'apply' && prospect.kind !== 'finish') this.#outcomes.set(team, prospect);
    }
  }

  /** @throws Failure (operational) if the receipt cannot be opened; nothing was written then */
  async execute(): Promise<ApplyReport> {
    const { request, lock } = this.#context;
    const receipt = await ReceiptWriter.open(request.receiptPath);
    const stop = (reason: 'interrupted' | 'lock-lost') => (): void => {
      this.#brake.pull(reason);
    };
    const [interrupted, lost] = [stop('interrupted'), stop('lock-lost')];
    request.interrupted.addEventListener('abort', interrupted);
    lock.lost.addEventListener('abort', lost);
    if (request.interrupted.aborted) interrupted();
    if (lock.lost.aborted) lost();
    try {
      await receipt.append(this.#beginning());
      await this.#recordFoundDone(receipt);
      await this.#executeTeams(receipt);
      await this.#readBack(receipt);
      const report = reportOf(this.#everyOutcome(), null, request.receiptPath);
      await this.#end(receipt, report);
      return report;
    } finally {
      request.interrupted.removeEventListener('abort', interrupted);
      lock.lost.removeEventListener('abort', lost);
      await receipt.close();
    }
  }

  #beginning(): ReceiptEvent {
    const { plan, tool, who, approvals } = this.#context.request;
    const { kind, asOf, targets, policy, mapping } = plan.header;
    return {
      event: 'run',
      format: RECEIPT_FORMAT,
      formatVersion: FORMAT_VERSION,
      at: new Date().toISOString(),
      tool,
      plan: plan.digest,
      kind,
      asOf,
      targets,
      policy,
      mapping,
      who,
      teams: this.#found.prospects.size,
      ...(approvals === undefined ? {} : { approvals: [...approvals] }),
    };
  }

  /** A team that an earlier run began and that is done by now was applied by that run, though it could not say so. */
  async #recordFoundDone(receipt: ReceiptWriter): Promise<void> {
    for (const [team, recorded] of this.#history.teams) {
      const open = recorded === 'begun' || recorded === 'unknown' || recorded === 'half-done';
      if (!open || this.#outcomes.get(team)?.kind !== 'already-done') continue;
      await recordOutcome(team, { kind: 'applied' }, receipt);
    }
  }

  /** Half-done teams first, also under `abort`; then one drifted team stops all that were not begun. */
  async #executeTeams(receipt: ReceiptWriter): Promise<void> {
    await this.#executeKind('finish', receipt);
    const drifted = [...this.#outcomes.values()].some(({ kind }) => kind === 'drifted');
    if (drifted && this.#context.request.options.onDrift === 'abort') this.#brake.pull('drift');
    await this.#executeKind('apply', receipt);
  }

  async #executeKind(kind: 'finish' | 'apply', receipt: ReceiptWriter): Promise<void> {
    const { request, writing, stores, terms } = this.#context;
    const wanted = [...this.#found.prospects.values()].filter((prospect) => prospect.kind === kind).length;
    if (wanted === 0 || this.#brake.reason !== null) return;
    const { options, observer } = request;
    const execution = {
      team: {
        ...terms,
        asOf: request.plan.header.asOf,
        receipt,
        onStep: observer.onStep,
        onTriedAgain: observer.onTriedAgain,
      },
      worker: {
        mongo: request.mongo,
        writing,
        postgres: request.postgres,
        applicationName: `fix-roles apply ${request.who.slice(0, 24)}`,
        table: stores.table,
        mapping: terms.mapping,
        receipt,
      },
      concurrency: Math.min(options.concurrency, wanted),
      pace: request.pace,
      onDrift: options.onDrift,
      retryForMs: options.retryForMs,
      onOutcome: (team: string, outcome: TeamOutcome) => {
        this.#outcomes.set(team, outcome);
        observer.onOutcome(team, outcome);
      },
    };
    await executeTeams(this.#teamsTo(kind), execution, this.#brake);
  }

  async *#teamsTo(kind: 'finish' | 'apply'): AsyncGenerator<PlanTeam> {
    const { plan, options } = this.#context.request;
    for await (const team of plan.teams()) {
      if (this.#found.prospects.get(team.team.id)?.kind !== kind) continue;
      if (options.limit !== null && this.#begun >= options.limit) {
        this.#brake.pull('limit');
        return;
      }
      this.#begun++;
      yield team;
    }
  }

  /** Nothing counts as applied that was not read back, over connections of its own. */
  async #readBack(receipt: ReceiptWriter): Promise<void> {
    const written = [...this.#outcomes].filter(([, { kind }]) => kind === 'applied' || kind === 'finished');
    if (written.length === 0) return;
    const { request, stores, terms } = this.#context;
    try {
      const postgres = await connectPostgres(request.postgres, {
        applicationName: 'fix-roles apply (reading back)',
        queryTimeoutMs: LONGEST_READ_MS,
      });
      try {
        const differing = readBack(this.#teamsIn(new Map(written)), { ...stores, postgres }, terms);
        for await (const { team, outcome } of differing) await this.#recordAfter(team, outcome, receipt);
      } finally {
        await postgres.close().catch(() => undefined);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const problem = `it was committed, but could not be read back: ${why}`;
      for (const [team] of written) await this.#recordAfter(team, { kind: 'unknown', problem }, receipt);
    }
  }

  async *#teamsIn(teams: ReadonlyMap<string, unknown>): AsyncGenerator<PlanTeam> {
    for await (const team of this.#context.request.plan.teams()) if (teams.has(team.team.id)) yield team;
  }

  async #recordAfter(team: string, outcome: TeamOutcome, receipt: ReceiptWriter): Promise<void> {
    this.#outcomes.set(team, outcome);
    this.#context.request.observer.onOutcome(team, outcome);
    await recordOutcome(team, outcome, receipt).catch((error: unknown) => {
      if (!(error instanceof ReceiptFailure)) throw error;
      this.#brake.pull('receipt-failed', error.message);
    });
  }

  #everyOutcome(): Map<string, TeamOutcome> {
    const reason = this.#brake.reason ?? 'limit';
    const { problem } = this.#brake;
    const notBegun: TeamOutcome = {
      kind: 'not-begun',
      reason,
      ...(problem === undefined ? {} : { problem }),
    };
    return new Map(
      [...this.#found.prospects.keys()].map((team) => [team, this.#outcomes.get(team) ?? notBegun]),
    );
  }

  async #end(receipt: ReceiptWriter, report: ApplyReport): Promise<void> {
    if (this.#brake.reason === 'receipt-failed') return;
    const result =
      report.result === 'complete'
        ? 'complete'
        : report.result === 'interrupted'
          ? 'interrupted'
          : 'incomplete';
    try {
      await receipt.append({ event: 'end', at: new Date().toISOString(), result });
    } catch (error) {
      // Everything is done and read back; the next run will find it so and end the receipt.
      if (!(error instanceof ReceiptFailure)) throw error;
    }
  }
}

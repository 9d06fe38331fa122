import type { ReceiptHistory } from '../files/receipt/history.js';
import { RECEIPT_FORMAT, type ReceiptEvent } from '../files/receipt/schema.js';
import { ReceiptFailure, ReceiptWriter } from '../files/receipt/writer.js';
import type { PlanTeam } from '../files/plan/schema.js';
import { connectPostgres, LONGEST_READ_MS } from '../stores/postgres/connection.js';
import { FORMAT_VERSION } from '../model/format-version.js';
import type { NotBegunReason, TeamOutcome } from '../model/outcome.js';
import { Pace } from './pace.js';
import { reportedPart } from './part.js';
import type { Preflight } from './preflight.js';
import { reportOf, type ApplyReport } from '../model/apply-report.js';
import type { RunContext } from './request.js';
import { surveyTeams } from './survey.js';
import { Brake, recordOutcome, type TeamsTerms } from './teams.js';

/** One run of `apply`, from the confirmation to the end of its receipt. */
export class ApplyRun {
  /** What its teams are applied with. */
  readonly terms: TeamsTerms;
  readonly brake = new Brake();
  readonly #context: RunContext;
  readonly #found: Preflight;
  readonly #receipt: ReceiptWriter;
  readonly #outcomes = new Map<string, TeamOutcome>();
  readonly #end = new AbortController();
  #begun = 0;

  private constructor(context: RunContext, found: Preflight, receipt: ReceiptWriter) {
    this.#context = context;
    this.#found = found;
    this.#receipt = receipt;
    this.terms = this.#termsFor(receipt);
    for (const [team, prospect] of found.prospects) {
      if (prospect.kind !== 'apply' && prospect.kind !== 'finish') this.#outcomes.set(team, prospect);
    }
    this.#pullAt(context.request.interrupted, 'interrupted');
    this.#pullAt(context.lock.lost, 'lock-lost');
  }

  /** @throws Failure (operational) if the receipt cannot be opened or written; no team was written then */
  static async begin(context: RunContext, history: ReceiptHistory, found: Preflight): Promise<ApplyRun> {
    const run = new ApplyRun(context, found, await ReceiptWriter.open(context.request.receiptPath));
    try {
      await run.#receipt.append(run.#beginning());
      await run.#recordFoundDone(history);
      return run;
    } catch (error) {
      await run.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#receipt.close();
  }

  /** Begins no further team once `signal` is aborted; listens until the run is closed. */
  #pullAt(signal: AbortSignal, reason: NotBegunReason): void {
    const pull = (): void => {
      this.brake.pull(reason);
    };
    if (signal.aborted) pull();
    signal.addEventListener('abort', pull, { signal: this.#end.signal });
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

  /** An earlier run began these teams and applied them, but could not record it. */
  async #recordFoundDone({ teams }: ReceiptHistory): Promise<void> {
    for (const [team, recorded] of teams) {
      const open = recorded === 'begun' || recorded === 'unknown' || recorded === 'half-done';
      if (!open || this.#outcomes.get(team)?.kind !== 'already-done') continue;
      await recordOutcome(team, { kind: 'applied' }, this.#receipt);
    }
  }

  #termsFor(receipt: ReceiptWriter): TeamsTerms {
    const { request, writing, stores, terms } = this.#context;
    const { mongo, postgres, options, observer } = request;
    const { onPause = (): void => undefined, onStep = (): void => undefined, onTriedAgain } = observer;
    return {
      ...{ ...terms, receipt, mongo, writing, postgres, onStep, onTriedAgain },
      asOf: request.plan.header.asOf,
      applicationName: `fix-roles apply ${request.who.slice(0, 24)}`,
      table: stores.table,
      pace: new Pace({ ...options, onPause }),
      onDrift: options.onDrift,
      retryForMs: options.retryForMs,
      onOutcome: (team, outcome) => {
        this.#settle(team, outcome);
      },
    };
  }

  #settle(team: string, outcome: TeamOutcome): void {
    const { observer } = this.#context.request;
    this.#outcomes.set(team, outcome);
    observer.onTeam?.();
    observer.onOutcome?.(team, outcome);
  }

  /** Half-done teams are finished first, also under `abort`. After that one drifted team stops all that were not begun. */
  async *teamsTo(kind: 'finish' | 'apply'): AsyncGenerator<PlanTeam> {
    const { onDrift, limit } = this.#context.request.options;
    const { prospects, count } = this.#found;
    const drifted = [...this.#outcomes.values()].some((outcome) => outcome.kind === 'drifted');
    if (kind === 'apply' && drifted && onDrift === 'abort') {
      this.brake.pull('drift');
      return;
    }
    // Without such teams the plan need not be read once more.
    if (count[kind] === 0) return;
    for await (const team of this.#context.teams(({ id }) => prospects.get(id)?.kind === kind)) {
      if (limit !== null && this.#begun >= limit) {
        this.brake.pull('limit');
        return;
      }
      this.#begun++;
      yield team;
    }
  }

  /** No team counts as applied before it was read back, over a connection of its own. */
  async readBack(): Promise<void> {
    const written = new Set<string>();
    for (const [team, { kind }] of this.#outcomes)
      if (kind === 'applied' || kind === 'finished') written.add(team);
    if (written.size === 0) return;
    const { request, stores, terms } = this.#context;
    try {
      const postgres = await connectPostgres(request.postgres, {
        applicationName: 'fix-roles apply (reading back)',
        queryTimeoutMs: LONGEST_READ_MS,
      });
      try {
        const teams = this.#context.teams(({ id }) => written.has(id));
        for await (const { team, judgement } of surveyTeams(teams, { ...stores, postgres }, terms)) {
          if (judgement.kind === 'done' && judgement.standing === 'same') continue;
          // The application was at work meanwhile.
          const drifts = judgement.kind === 'drifted' ? judgement.drifts : [];
          await this.#recordAfter(team, { kind: 'overtaken', drifts });
        }
      } finally {
        await postgres.close().catch(() => undefined);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const problem = `it was committed, but could not be read back: ${why}`;
      for (const team of written) await this.#recordAfter(team, { kind: 'unknown', problem });
    }
  }

  async #recordAfter(team: string, outcome: TeamOutcome): Promise<void> {
    this.#settle(team, outcome);
    await recordOutcome(team, outcome, this.#receipt).catch((error: unknown) => {
      this.brake.pullFor(error);
    });
  }

  #everyOutcome(): Map<string, TeamOutcome> {
    const { reason, problem } = this.brake;
    const notBegun: TeamOutcome = {
      kind: 'not-begun',
      reason: reason ?? 'limit',
      ...(problem === undefined ? {} : { problem }),
    };
    return new Map(
      [...this.#found.prospects.keys()].map((team) => [team, this.#outcomes.get(team) ?? notBegun]),
    );
  }

  /** Adds up the outcomes, and ends the receipt. */
  async end(): Promise<ApplyReport> {
    const { request } = this.#context;
    const report = reportOf(this.#everyOutcome(), null, request.receiptPath, reportedPart(request));
    if (this.brake.reason === 'receipt-failed') return report;
    const result =
      report.result === 'drift' || report.result === 'partly-applied' ? 'incomplete' : report.result;
    try {
      await this.#receipt.append({ event: 'end', at: new Date().toISOString(), result });
    } catch (error) {
      // All teams are written and read back: the next run finds that out and ends the receipt.
      if (!(error instanceof ReceiptFailure)) throw error;
    }
    return report;
  }
}

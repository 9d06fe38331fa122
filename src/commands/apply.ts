import { existsSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { unpackedName } from '../files/gzip.js';
import { readPlan } from '../files/plan/reader.js';
import { demandReceipt } from '../files/receipt/demand-receipt.js';
import type { AppliedRecord } from '../files/receipt/index.js';
import { readReceipts } from '../files/receipt/joined.js';
import { receiptsBeside, shardReceipt } from '../files/receipt/parts.js';
import { Failure } from '../model/failure.js';
import type { ApplyResult } from '../model/outcome.js';
import type { StepObserver } from '../model/step-observer.js';
import type { ApplyProspect } from '../steps/apply.js';
import { approversText } from '../views/plan/approval-text.js';
import { applyJson, applyText, listedNames, prospectText, type ReviewedFile } from '../views/apply-text.js';
import { SESSIONS_LEFT_WORDS } from '../views/outcome-words.js';
import { visibleText } from '../views/safe-text.js';
import { triedAgainText } from '../views/waiting-text.js';
import { fittedPieces } from '../views/terminal.js';
import { applyFlags, applyOptions, wordsToApplyAgain } from '../cli/apply-flags.js';
import { approvalDemand, approvalFlags } from '../cli/approval-flags.js';
import { BaseCommand } from '../cli/base-command.js';
import { usageFailure } from '../cli/error-report.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { connectionFlags, fileArgument, planSource, progressFlags } from '../cli/flags.js';
import { freeName } from '../cli/file-names.js';
import { printPieces, terminalOf } from '../cli/output.js';
import { askForName, whoAmI } from '../cli/terminal-input.js';

const EXIT_OF: Readonly<Record<ApplyResult, ExitCode>> = {
  complete: EXIT.done,
  drift: EXIT.drift,
  'partly-applied': EXIT.partly,
  interrupted: EXIT.interrupted,
};

export default class Apply extends BaseCommand {
  static override summary = 'Execute a reviewed plan, one transaction per team.';
  static override description =
    'Verifies the file, that these are the databases it was made for, and that every team still is as the plan found ' +
    'it; shows what will be done and asks; then writes each team in one transaction in each store, and reads it back. ' +
    'Whatever happens, the same command run again finishes the job or says which team stands in the way.';
  static override examples = [
    '<%= config.bin %> apply plan.json',
    '<%= config.bin %> apply plan.json --limit 3',
    '<%= config.bin %> apply revert.json --of plan.json.receipt.jsonl',
    '<%= config.bin %> apply plan.json --yes --on-drift skip --max-removals 50',
    '<%= config.bin %> apply plan.json --require-approvals 2 --allowed-signers allowed_signers',
  ];
  static override enableJsonFlag = true;
  static override args = { plan: fileArgument('the plan; - is stdin (with --yes and --receipt)') };
  static override flags = {
    yes: Flags.boolean({ char: 'y', description: 'do not ask; required where there is no terminal' }),
    ...applyFlags,
    'insecure-file': Flags.boolean({
      description: 'accept a plan that is a symbolic link or that everybody may write',
    }),
    ...approvalFlags,
    ...progressFlags,
    ...connectionFlags,
  };

  private approvers: ReviewedFile['approvers'] = null;

  async run(): Promise<void> {
    const parsed = await this.parse(Apply);
    const { args, flags } = parsed;
    if (args.plan === '-' && !(flags.yes && flags.receipt !== undefined)) {
      throw usageFailure(
        'a plan from stdin needs --yes and --receipt',
        'Give both, or save the plan to a file: stdin cannot answer, and the receipt is named after the file.',
      );
    }
    const trust = flags['insecure-file'] ? 'any' : 'strict';
    const observer = this.reading('Verifying the plan');
    const plan = await readPlan(planSource(args.plan, trust), { now: Date.now(), observer });
    let of: AppliedRecord | undefined;
    let receipts: readonly string[] | undefined;
    try {
      this.detail(`Plan verified: ${plan.header.summary.teams.changed} teams with changes`);
      demandReceipt(plan.header.kind, flags.of !== undefined);
      if (flags.of !== undefined) {
        const sources = flags.of.map((file) => planSource(file, trust));
        of = await readReceipts(sources, 'as-named', this.reading('Reading the receipt'));
        // Before anything is written: no file that lies there may keep the report from being printed.
        const { others, unreadable } = await receiptsBeside(flags.of);
        receipts = [...flags.of, ...(others.length + unreadable.length > 0 ? ['--partial'] : [])];
      }
      const configuration = await this.loadConfiguration(flags);
      const demand = approvalDemand(args.plan, flags, configuration.approvals);
      const { apply } = await import('../steps/apply.js');
      const interruption = this.takeInterruptions();
      const report = await apply({
        ...applyOptions(flags),
        observer: { ...this.observer, ...this.applyObserver(flags['pause-file'] ?? '') },
        signal: interruption.signal,
        plan,
        of,
        configuration: { ...configuration, approvals: demand?.approvals },
        approvalsFolder: demand?.folder,
        receipt: shardReceipt(flags.receipt ?? `${unpackedName(args.plan)}.receipt.jsonl`, flags.shard),
        who: whoAmI(),
        confirm: (prospect) =>
          this.confirm(
            prospect,
            { name: args.plan, digest: plan.digest, header: plan.header },
            flags.yes ? 'given' : interruption.signal,
          ),
      }).finally(interruption.end);
      if (!existsSync(report.receipt))
        this.tell(
          `Warning: somebody has removed the receipt ${visibleText(report.receipt)}: what it held cannot be taken back.`,
        );
      const files = {
        ...{ plan: args.plan, of: flags.of, receipts, nameOf: freeName },
        ...wordsToApplyAgain(parsed, args.plan),
      };
      const terminal = terminalOf(process.stdout);
      const names = await listedNames(plan, report);
      const text = applyText(report, terminal, files, names);
      const pieces = flags.json ? applyJson(report, names) : fittedPieces(text, terminal.columns);
      await printPieces(pieces, this.progress);
      this.endWith(EXIT_OF[report.result]);
    } finally {
      await of?.close();
      await plan.close();
    }
  }

  /** A signal lets the step finish what it has begun; a second one ends the process at once. */
  private takeInterruptions(): { readonly signal: AbortSignal; readonly end: () => void } {
    const interrupted = new AbortController();
    const { signal } = interrupted;
    const interrupt = (): void => {
      if (signal.aborted) process.exit(EXIT.interrupted);
      interrupted.abort();
      this.tell(
        'Interrupted: teams in flight are finished, no further one is begun. Once more stops at once.',
      );
      this.tellWaitsAgain();
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    const end = (): void => {
      this.progress.stop();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    };
    return { signal, end };
  }

  private applyObserver(pauseFile: string): StepObserver {
    const begun = new Set<string>();
    return {
      onApproved: (approvers) => {
        this.approvers = approvers;
        this.tell(`This plan was ${approversText(approvers)}.`);
      },
      onSessionsLeft: (answer) => {
        this.tell(SESSIONS_LEFT_WORDS[answer]);
      },
      onPause: (state) => {
        this.progress.pause(state === 'paused');
        this.tell(
          state === 'paused'
            ? `Paused: no team is begun while ${visibleText(pauseFile)} exists.`
            : 'Resumed: it is gone.',
        );
      },
      onStep: (team, step) => {
        if (step !== 'postgres-begun') return;
        if (begun.has(team)) this.detail(`Team ${team} is tried again`);
        begun.add(team);
      },
      onTriedAgain: (team, problem) => {
        this.tell(triedAgainText(team, problem));
      },
      onOutcome: (team, { kind }) => {
        this.detail(`Team ${team}: ${kind}`);
      },
    };
  }

  private async confirm(
    prospect: ApplyProspect,
    plan: Omit<ReviewedFile, 'approvers'>,
    confirmation: 'given' | AbortSignal,
  ): Promise<'confirmed' | 'declined'> {
    this.progress.stop();
    this.detail(`Checked: ${prospect.teams.toApply} teams to apply, ${prospect.drifted} drifted`);
    const file = { ...plan, approvers: this.approvers };
    this.tell(prospectText(prospect, file, terminalOf(process.stderr)).trimEnd());
    if (confirmation === 'given') return 'confirmed';
    if (!process.stdin.isTTY || !process.stderr.isTTY) {
      throw new Failure('refused', {
        doing: 'asking for the confirmation',
        problem: 'there is no terminal to ask on',
        next: 'Nothing was applied. Confirm beforehand with --yes.',
      });
    }
    const answer = await askForName(prospect.targets.mongo.database, confirmation);
    if (answer !== 'interrupted') return answer;
    this.tell('Interrupted: nothing was applied.');
    return this.exit(EXIT.interrupted);
  }
}

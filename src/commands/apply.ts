import { Flags } from '@oclif/core';
import type { ApplyOptions, ApplyProspect, ApplyRequest } from '../apply/apply.js';
import { DEFAULT_MAX_AGE_MS, parseAge } from '../apply/age.js';
import { DEFAULT_MAX_REMOVALS, parseLimit } from '../apply/limit.js';
import { DEFAULT_CONCURRENCY } from '../apply/options.js';
import type { Shard } from '../apply/part.js';
import type { ApplyReport } from '../model/apply-report.js';
import { RETRY_FOR_MS } from '../apply/retry.js';
import { demandReceipt } from '../apply/undo-proof.js';
import { demandApprovals } from '../approval/demand.js';
import type { Configuration } from '../config/configuration.js';
import { readPlan, type VerifiedPlan } from '../files/plan/reader.js';
import { readReceipt, type IndexedReceipt } from '../files/receipt/index.js';
import { Failure } from '../model/failure.js';
import type { ApplyResult } from '../model/outcome.js';
import { approversText } from '../views/approval-text.js';
import { applyJson, applyText, prospectText, type AppliedFiles } from '../views/apply-text.js';
import { SESSIONS_LEFT_WORDS } from '../views/outcome-words.js';
import { triedAgainText } from '../views/waiting-text.js';
import { terminalFor } from '../views/terminal.js';
import { approvalDemand, approvalFlags } from '../cli/approval-flags.js';
import { AttemptCount } from '../cli/attempt-count.js';
import {
  BaseCommand,
  connectionFlags,
  fileArgument,
  planSource,
  progressFlags,
} from '../cli/base-command.js';
import { usageFailure } from '../cli/error-report.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { wordsToApplyAgain } from '../cli/given-flags.js';
import { paceFlags } from '../cli/pace-flags.js';
import { printPieces } from '../cli/print-pieces.js';
import { shardFlag, shardReceipt } from '../cli/shard-flag.js';
import { teamsToBegin, teamsToCheck } from '../cli/teams-ahead.js';
import { askForName } from '../cli/typed-confirmation.js';
import { whoAmI } from '../cli/who-am-i.js';

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
    'on-drift': Flags.custom<ApplyOptions['onDrift']>({ options: ['abort', 'skip'] })({
      default: 'abort',
      description: 'when a team no longer matches the plan: begin no team, or leave only that one out',
    }),
    limit: Flags.integer({ helpValue: 'N', min: 1, description: 'stop after N teams, to try a few first' }),
    concurrency: Flags.integer({
      helpValue: 'N',
      min: 1,
      max: 32,
      default: DEFAULT_CONCURRENCY,
      description: 'teams in flight at a time',
    }),
    'max-age': Flags.string({
      helpValue: '24h',
      description: 'refuse a plan older than this, unless it was begun already [default: 7d]',
    }),
    'max-removals': Flags.string({
      helpValue: 'N|P%',
      description:
        'refuse to take away more roles in a store [default: 25% of its active team roles, but 10 in any case]',
    }),
    'max-grants': Flags.string({
      helpValue: 'N|P%',
      description: 'refuse to grant more roles that only owners have, in a store [default: no limit]',
    }),
    of: Flags.string({
      helpValue: 'RECEIPT',
      description:
        'for a revert plan, and required there: the receipt that it was made from, which proves it',
    }),
    receipt: Flags.string({
      helpValue: 'FILE',
      description: 'where to record what was done [default: PLAN.receipt.jsonl]',
    }),
    shard: shardFlag(
      'only one of N parts of the teams; others can be applied at the same time. Recorded in PLAN.receipt.I-of-N.jsonl',
    ),
    ...paceFlags,
    'allow-no-transactions': Flags.boolean({
      description:
        'on a standalone MongoDB: make single conditional writes; a failure leaves a team half done',
    }),
    'allow-empty-source': Flags.boolean({
      description:
        'take roles away although teams or memberships are empty, or most teams with roles have no document',
    }),
    again: Flags.boolean({
      description:
        'apply a fully applied plan once more, after the databases have gone back to the old state',
    }),
    'insecure-file': Flags.boolean({
      description: 'accept a plan that is a symbolic link or that everybody may write',
    }),
    ...approvalFlags,
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const parsed = await this.parse(Apply);
    const { args, flags } = parsed;
    if (args.plan === '-' && !(flags.yes && flags.receipt !== undefined)) {
      throw usageFailure(
        'a plan from stdin needs --yes and --receipt',
        'Give both, or save the plan to a file: stdin cannot answer, and the receipt is named after the file.',
      );
    }
    const options: ApplyOptions = {
      onDrift: flags['on-drift'],
      limit: flags.limit ?? null,
      concurrency: flags.concurrency,
      maxAgeMs: flags['max-age'] === undefined ? DEFAULT_MAX_AGE_MS : parseAge(flags['max-age']),
      maxRemovals:
        flags['max-removals'] === undefined
          ? DEFAULT_MAX_REMOVALS
          : parseLimit('--max-removals', flags['max-removals']),
      maxGrants: flags['max-grants'] === undefined ? null : parseLimit('--max-grants', flags['max-grants']),
      withoutTransactions: flags['allow-no-transactions'] ? 'allow' : 'refuse',
      emptySource: flags['allow-empty-source'] ? 'allow' : 'refuse',
      fullyApplied: flags.again ? 'apply-again' : 'refuse',
      retryForMs: RETRY_FOR_MS,
    };
    const trust = flags['insecure-file'] ? 'any' : 'strict';
    const observer = this.reading('Verifying the plan');
    const plan = await readPlan(planSource(args.plan, trust), { now: Date.now(), observer });
    let of: IndexedReceipt | undefined;
    try {
      this.detail(`Plan verified: ${plan.header.summary.teams.changed} teams with changes`);
      demandReceipt(plan.header.kind, flags.of === undefined ? 'not-given' : 'given');
      if (flags.of !== undefined)
        of = await readReceipt(planSource(flags.of, trust), this.reading('Reading the receipt'));
      const configuration = await this.loadConfiguration(flags);
      const demand = approvalDemand(args.plan, flags, configuration.approvals);
      const approvals = demand && (await demandApprovals(plan, demand));
      if (approvals !== undefined) this.tell(`This plan was ${approversText(approvals)}.`);
      const report = await this.applyVerified(plan, options, {
        of,
        configuration,
        approvals,
        shard: flags.shard,
        receiptPath: shardReceipt(flags.receipt ?? `${args.plan}.receipt.jsonl`, flags.shard),
        maxTeamsPerSecond: flags['max-teams-per-second'] ?? null,
        pauseFile: flags['pause-file'] ?? null,
        confirmation: flags.yes ? 'given' : 'ask',
      });
      const files = { plan: args.plan, of: flags.of, ...wordsToApplyAgain(parsed, args.plan) };
      await this.print(report, files, flags.json ? 'json' : 'text');
      this.endWith(EXIT_OF[report.result]);
    } finally {
      await of?.close();
      await plan.close();
    }
  }

  private async applyVerified(
    plan: VerifiedPlan,
    options: ApplyOptions,
    terms: {
      readonly of: IndexedReceipt | undefined;
      readonly configuration: Configuration;
      readonly approvals: ApplyRequest['approvals'];
      readonly shard: Shard | undefined;
      readonly receiptPath: string;
      readonly maxTeamsPerSecond: number | null;
      readonly pauseFile: string | null;
      readonly confirmation: 'given' | 'ask';
    },
  ): Promise<ApplyReport> {
    const [{ connectMongo }, { applyPlan }, { Pace }] = await Promise.all([
      import('../stores/mongo/connection.js'),
      import('../apply/apply.js'),
      import('../apply/pace.js'),
    ]);
    const { progress } = this;
    const { configuration, shard } = terms;
    const interrupted = new AbortController();
    const interrupt = (): void => {
      if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
      interrupted.abort();
      this.tell(
        'Interrupted: teams in flight are finished, no further one is begun. Once more stops at once.',
      );
      this.tellWaitsAgain();
    };
    process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
    const mongo = await connectMongo(configuration.mongo, {
      purpose: 'apply',
      poolSize: options.concurrency + 2,
      onWait: this.tellWait,
    });
    try {
      this.detailMongo(mongo);
      const attempts = new AttemptCount();
      progress.begin({ activity: 'Checking', unit: 'teams', total: teamsToCheck(plan, shard) });
      const request: ApplyRequest = {
        plan,
        of: terms.of,
        shard,
        pace: new Pace({
          ...terms,
          onPause: (state) => {
            this.tellPause(state, terms.pauseFile);
          },
        }),
        mongo,
        postgres: configuration.postgres,
        receiptPath: terms.receiptPath,
        who: whoAmI(),
        approvals: terms.approvals,
        tool: `${this.config.bin}/${this.config.version}`,
        options,
        interrupted: interrupted.signal,
        observer: {
          onJudged: () => {
            progress.advance();
          },
          onSessionsLeft: (answer) => {
            this.tell(SESSIONS_LEFT_WORDS[answer]);
          },
          confirm: async (prospect) => {
            progress.stop();
            this.detail(`Checked: ${prospect.teams.toApply} teams to apply, ${prospect.drifted} drifted`);
            const answer = await this.confirm(prospect, terms.confirmation);
            const total = teamsToBegin(prospect, options.limit);
            if (answer === 'confirmed') progress.begin({ activity: 'Applying', unit: 'teams', total });
            return answer;
          },
          onStep: (team, step) => {
            if (step === 'postgres-begun' && attempts.begin(team) > 1)
              this.detail(`Team ${team} is tried again`);
          },
          onTriedAgain: (team, problem) => {
            this.tell(triedAgainText(team, problem));
          },
          onOutcome: (team, { kind }) => {
            progress.advance();
            this.detail(`Team ${team}: ${kind}`);
          },
        },
      };
      return await applyPlan(request);
    } finally {
      progress.stop();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      await mongo.close();
    }
  }

  private tellPause(state: 'paused' | 'resumed', file: string | null): void {
    this.progress.pause(state === 'paused');
    this.tell(
      state === 'paused' ? `Paused: no team is begun while ${file ?? ''} exists.` : 'Resumed: it is gone.',
    );
  }

  private async confirm(
    prospect: ApplyProspect,
    confirmation: 'given' | 'ask',
  ): Promise<'confirmed' | 'declined'> {
    const { isTTY, columns } = process.stderr;
    this.tell(prospectText(prospect, terminalFor({ isTTY, columns, env: process.env })).trimEnd());
    if (confirmation === 'given') return 'confirmed';
    if (!process.stdin.isTTY || !isTTY) {
      throw new Failure('refused', {
        doing: 'asking for the confirmation',
        problem: 'there is no terminal to ask on',
        next: 'Nothing was applied. Confirm beforehand with --yes.',
      });
    }
    return askForName(prospect.targets.mongo.database);
  }

  private async print(report: ApplyReport, files: AppliedFiles, form: 'text' | 'json'): Promise<void> {
    const { isTTY, columns } = process.stdout;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    const pieces = form === 'json' ? applyJson(report) : applyText(report, terminal, files);
    await printPieces(pieces, this.progress);
  }
}

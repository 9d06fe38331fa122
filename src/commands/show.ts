import { Args, Flags } from '@oclif/core';
import { openFileSink } from '../files/file-sink.js';
import { openKnownFile } from '../files/file-kind.js';
import { readPlan } from '../files/plan/reader.js';
import { readReceipt } from '../files/receipt/index.js';
import { receiptsBeside } from '../files/receipt/parts.js';
import { streamSink } from '../files/sink.js';
import { OPS, RULES } from '../model/change.js';
import { STORES } from '../model/store.js';
import { STANDINGS } from '../model/team.js';
import { filteredPlan, type PlanFilter } from '../views/plan/plan-filter.js';
import { planHtml } from '../views/plan/plan-html.js';
import { planJson } from '../views/plan/plan-json.js';
import { DEFAULT_MAX_BYTES } from '../views/markdown.js';
import { planMarkdown } from '../views/plan/plan-markdown.js';
import { planText } from '../views/plan/plan-text.js';
import type { ShownRule } from '../views/plan/shown-plan.js';
import type { Stage } from '../views/progress.js';
import { receiptsHtml } from '../views/receipt/receipt-html.js';
import { receiptsJson } from '../views/receipt/receipt-json.js';
import { receiptsMarkdown } from '../views/receipt/receipt-markdown.js';
import { demandTold, type NamedReceipt } from '../views/receipt/receipt-teams.js';
import { receiptsText } from '../views/receipt/receipt-text.js';
import { visibleText, type Pieces } from '../views/safe-text.js';
import { fittedPieces, PLAIN_TERMINAL } from '../views/terminal.js';
import { applyAhead } from '../cli/apply-ahead.js';
import { shownApprovals, signerFlags } from '../cli/approval-flags.js';
import { BaseCommand } from '../cli/base-command.js';
import { freeName, nameThere } from '../cli/file-names.js';
import { choiceFlag, idFlag, planSource, progressFlags } from '../cli/flags.js';
import { usageFailure } from '../cli/error-report.js';
import { stdoutKind, terminalOf } from '../cli/output.js';
import { chosenPager, deliver } from '../cli/pager.js';

const FORMATS = ['text', 'markdown', 'html', 'json'] as const;
type Format = (typeof FORMATS)[number];

const WRITING: Stage = { activity: 'Writing', unit: 'bytes', total: { kind: 'unknown' } };

export default class Show extends BaseCommand {
  static override summary = 'Show a plan, or the receipt of an apply, in a form that people can review.';
  static override description =
    'Verifies the whole file first and shows nothing of one that was altered. Connects to nothing. Changes that take ' +
    'roles away come first. Of a receipt it shows who ran the plan, when, how that ended, and every row that was ' +
    'changed. Filters show a part, and say so; totals are always those of the whole.';
  static override examples = [
    '<%= config.bin %> show plan.json',
    '<%= config.bin %> show plan.json --destructive --store postgres',
    '<%= config.bin %> show plan.json --format html -o plan.html',
    '<%= config.bin %> show plan.json --format markdown | gh pr comment --body-file -',
    '<%= config.bin %> plan | <%= config.bin %> show -',
    '<%= config.bin %> show plan.json --allowed-signers allowed_signers',
    '<%= config.bin %> show plan.json.receipt.jsonl --user 64b000000000000000000002',
    '<%= config.bin %> show plan.json.receipt.jsonl --format markdown | gh pr comment --body-file -',
    '<%= config.bin %> show plan.json.receipt.*-of-4.jsonl',
  ];
  static override enableJsonFlag = true;
  static override args = {
    plan: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'the plan, or one receipt or several; - is stdin',
    }),
  };
  static override flags = {
    format: Flags.custom<Format>({ options: [...FORMATS] })({
      default: 'text',
      description:
        'the form; markdown is cut to the size of a pull-request comment and says what it left out',
    }),
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      description: 'write it to a new file; - is stdout',
    }),
    force: Flags.boolean({ description: 'replace the output file if it exists', dependsOn: ['output'] }),
    team: idFlag('only this team, by id or by name'),
    user: idFlag('only this user, by id or by name'),
    op: choiceFlag(OPS, 'only changes of this kind'),
    store: choiceFlag(STORES, 'only changes of this store'),
    role: idFlag('only changes of this role, written exactly so', 'NAME'),
    rule: choiceFlag<ShownRule>([...RULES, 'undo'], 'only changes that this rule demands'),
    standing: choiceFlag(STANDINGS, 'only changes for people who are this to the team'),
    destructive: Flags.boolean({ description: 'only changes that take a role away' }),
    ...signerFlags,
    'max-bytes': Flags.integer({
      helpValue: 'N',
      min: 1,
      description: `the most bytes of --format markdown [default: ${DEFAULT_MAX_BYTES}]`,
    }),
    pager: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'on a terminal, show it in FIX_ROLES_PAGER, PAGER or less',
    }),
    ...progressFlags,
  };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show);
    const format = flags.json ? 'json' : flags.format;
    const file = flags.output === '-' ? undefined : flags.output;
    const sink =
      file === undefined
        ? streamSink(process.stdout)
        : await openFileSink(file, flags.force ? 'replace' : 'refuse');
    const filter: PlanFilter = {
      teams: flags.team ?? [],
      users: flags.user ?? [],
      ops: flags.op ?? [],
      stores: flags.store ?? [],
      roles: flags.role ?? [],
      rules: flags.rule ?? [],
      standings: flags.standing ?? [],
      removals: flags.destructive ? 'only' : 'and-others',
    };
    const maxBytes = flags['max-bytes'] ?? DEFAULT_MAX_BYTES;
    const terminal = file === undefined ? terminalOf(process.stdout) : PLAIN_TERMINAL;
    const { progress } = this;
    const to = file !== undefined || stdoutKind() === 'file' ? 'file' : 'screen';
    const onScreen = file === undefined && process.stdout.isTTY && flags.pager;
    const pager = onScreen ? chosenPager(process.env) : null;
    const print = (forms: Forms): Promise<void> => deliver(forms[format], { sink, to, progress, pager });
    const [first, ...others] = args.plan;
    if (first === undefined) throw usageFailure('no file is named', 'Name a plan or receipts.');
    const { kind, source } = await openKnownFile(planSource(first, 'any'));
    switch (kind) {
      case 'plan': {
        if (others.length > 0) {
          throw usageFailure(
            `of several files only receipts are shown, and ${visibleText(first)} is a plan`,
            'Show plans one by one; fix-roles diff compares two.',
          );
        }
        const observer = this.reading('Verifying the plan');
        const plan = await readPlan(source, { now: Date.now(), observer });
        try {
          this.detail(`Plan verified: ${plan.header.summary.teams.changed} teams with changes`);
          const { demandedApprovals } = await import('../config/configuration.js');
          const demanded = await demandedApprovals(process.cwd());
          const approvals = await shownApprovals(plan, first, flags, demanded);
          const { header, digest } = plan;
          const approved = approvals?.kind === 'checked' ? approvals.people : 0;
          const reverts = header.kind === 'revert' ? header.reverts : undefined;
          const ahead = await applyAhead({ header, digest, file: first, demanded, approved, reverts });
          const planFile = first === '-' ? 'PLAN' : first;
          progress.begin(WRITING);
          const shown = await filteredPlan(plan, filter);
          await print({
            text: () => fittedPieces(planText(shown, terminal, planFile, approvals, ahead), terminal.columns),
            markdown: () => whole(planMarkdown(shown, { maxBytes, planFile, approvals, ahead })),
            html: () => planHtml(shown, planFile, approvals, ahead),
            json: () => planJson(shown, approvals),
          });
        } finally {
          await plan.close();
        }
        return;
      }
      case 'receipt': {
        if ([flags['allowed-signers'], flags.revoked, flags.approvals].some((flag) => flag !== undefined))
          throw usageFailure(
            'this is a receipt, and plans are approved',
            'Leave the flags about approvals out.',
          );
        if (filter.rules.length + filter.standings.length > 0)
          throw usageFailure(
            'this is a receipt, and a receipt knows neither rules nor standings',
            'Show the plan that it is of with --rule or --standing.',
          );
        const receipts: ReadReceipt[] = [];
        const sources = [source, ...others.map((other) => planSource(other, 'any'))];
        try {
          for (const [index, each] of sources.entries()) {
            const receipt = await readReceipt(each, this.reading('Reading the receipt'));
            const name = args.plan[index] ?? '-';
            receipts.push({ receipt, file: name === '-' ? 'RECEIPT' : name });
            this.detail(`Receipt read: ${receipt.teams.length} teams, ${receipt.runs.length} runs`);
          }
          const told = receipts.map(({ receipt }) => receipt);
          const found = await demandTold(told, filter);
          progress.begin(WRITING);
          const named = await this.withOthers(receipts);
          await print({
            text: () => fittedPieces(receiptsText(named, found, terminal), terminal.columns),
            markdown: () => whole(receiptsMarkdown(named, found, maxBytes)),
            html: () => receiptsHtml(named, found),
            json: () => receiptsJson(named, found),
          });
        } finally {
          for (const { receipt } of receipts) await receipt.close();
        }
      }
    }
  }

  /** With each receipt, those that revert would demand along with it. */
  private withOthers(receipts: readonly ReadReceipt[]): Promise<NamedReceipt[]> {
    return Promise.all(
      receipts.map(async (named) => {
        const ofPlan = receipts.filter(({ receipt }) => receipt.head.plan === named.receipt.head.plan);
        const files = ofPlan.map(({ file }) => file);
        const { others, unreadable } = await receiptsBeside(files);
        for (const { message } of unreadable)
          this.tell(`Left out, though it may be of the same plan: ${visibleText(message, 2_000)}.`);
        const partial = unreadable.length > 0 ? ['--partial'] : [];
        return { ...named, together: [...files, ...others, ...partial], nameOf: freeName, planOf: nameThere };
      }),
    );
  }
}

/** How the file is rendered in each form. */
type Forms = Readonly<Record<Format, () => Pieces>>;

async function* whole(text: Promise<string>): Pieces {
  yield await text;
}

type ReadReceipt = Pick<NamedReceipt, 'receipt' | 'file'>;

import { Flags } from '@oclif/core';
import type { Configuration } from '../config/configuration.js';
import { readReceipt, type IndexedReceipt } from '../files/receipt/index.js';
import type { Summary } from '../files/plan/schema.js';
import type { PlanSink } from '../files/sink.js';
import { openPlanWriter } from '../files/plan/writer.js';
import { commandLine } from '../views/next-command.js';
import { planSummary } from '../views/plan-summary.js';
import { terminalFor } from '../views/terminal.js';
import { countOf } from '../views/totals.js';
import { asOfFlag } from '../cli/as-of-flag.js';
import {
  BaseCommand,
  connectionFlags,
  fileArgument,
  planSource,
  progressFlags,
} from '../cli/base-command.js';
import { EXIT } from '../cli/exit-codes.js';
import { connectingFlags } from '../cli/given-flags.js';
import { interruptible } from '../cli/interruptible-reading.js';
import { destinationOf, makePlanFor, type Destination } from '../cli/plan-destination.js';

interface Planned {
  readonly digest: string;
  readonly summary: Summary;
}

interface RevertTerms {
  /** Milliseconds since 1970. */
  readonly asOf: number;
  readonly now: number;
}

export default class Revert extends BaseCommand {
  static override summary = 'Write down the changes that take back what was applied.';
  static override description =
    'Reads the receipt of an apply and both databases, writes to neither, and makes a plan of the inverse changes: what ' +
    'was inserted is deleted, what was deleted comes back whole (a PostgreSQL row under a new serial id), what was ' +
    'altered is altered back. Rows whose holder, role, activity or link somebody has changed since block their user in ' +
    'that team; whatever else was written into a row is no change, and stays where it is altered back. The plan is ' +
    'reviewed like any other; apply demands the receipt beside it (--of), which proves every entry. It works for ' +
    'receipts of runs that were killed, and of reverts.';
  static override examples = [
    '<%= config.bin %> revert plan.json.receipt.jsonl -o revert.json',
    '<%= config.bin %> show revert.json',
    '<%= config.bin %> apply revert.json --of plan.json.receipt.jsonl',
  ];
  static override enableJsonFlag = true;
  static override args = { receipt: fileArgument('the receipt; - is stdin') };
  static override flags = {
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      description:
        'write the plan to a new file that only you can read; - is stdout. With --json, stdout has a summary',
    }),
    force: Flags.boolean({ description: 'replace the file if it exists', dependsOn: ['output'] }),
    'as-of': asOfFlag,
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<{ file: string; digest: string; summary: Summary } | undefined> {
    const parsed = await this.parse(Revert);
    const { args, flags } = parsed;
    const receipt = await readReceipt(planSource(args.receipt, 'any'), this.reading('Reading the receipt'));
    try {
      this.detail(`Receipt read: ${receipt.teams.length} teams, ${receipt.runs.length} runs`);
      const configuration = await this.loadConfiguration(flags);
      const now = Date.now();
      const terms: RevertTerms = { asOf: flags['as-of'] ?? now, now };
      const destination = destinationOf(flags);
      const planned = await makePlanFor(
        destination,
        (out) => this.makePlan(out, receipt, configuration, terms),
        { now, fileName: 'revert.json', observer: this.reading('Verifying the plan') },
      );
      this.tellSummary(planned, destination, {
        receiptFile: args.receipt,
        connecting: connectingFlags(parsed),
      });
      return destination.kind === 'file' ? { file: destination.path, ...planned } : undefined;
    } finally {
      await receipt.close();
    }
  }

  private async makePlan(
    out: PlanSink,
    receipt: IndexedReceipt,
    configuration: Configuration,
    { asOf, now }: RevertTerms,
  ): Promise<Planned> {
    const [{ connectBoth }, { openLiveReader }, { revertChanges }, { checkTargets }] = await Promise.all([
      import('../stores/connections.js'),
      import('../stores/live-reader.js'),
      import('../planner/revert-changes.js'),
      import('../apply/target-check.js'),
    ]);
    const connections = await connectBoth(configuration, 'plan', this.tellWait);
    await this.tellConnections(connections);
    const ending = await interruptible(connections, async () => {
      const reader = await openLiveReader(connections, receipt.head.mapping);
      checkTargets(receipt.head.targets, reader.targets);
      const total = { kind: 'exact', count: receipt.teams.length } as const;
      this.progress.begin({ activity: 'Reading', unit: 'teams', total });
      return revertChanges({
        ...{ receipt, reader, asOf, now, out },
        tool: `${this.config.bin}/${this.config.version}`,
        writer: await openPlanWriter(),
        onProgress: () => {
          this.progress.advance();
        },
      });
    });
    this.progress.stop();
    if (ending.kind === 'interrupted') return this.exit(EXIT.interrupted);
    this.detail(`Planned: ${ending.result.summary.teams.scanned} teams read`);
    return ending.result;
  }

  private tellSummary(
    { digest, summary }: Planned,
    destination: Destination,
    { receiptFile, connecting }: { readonly receiptFile: string; readonly connecting: readonly string[] },
  ): void {
    if (destination.kind === 'screen') {
      const save = commandLine('revert', receiptFile, ...connecting, '-o', 'revert.json');
      this.tell(`\nThis plan is not saved. To save one: ${save}`);
      return;
    }
    const { isTTY, columns } = process.stderr;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    const file = destination.kind === 'file' ? destination.path : null;
    const header = { kind: 'revert', summary } as const;
    this.tell(planSummary({ header, digest }, terminal, file, receiptFile, connecting).trimEnd());
    if (countOf(summary.blocked) > 0)
      this.tell(
        'What is blocked was changed since, or cannot be taken back; nothing of these users is taken back in these teams.',
      );
  }
}

import { Args, Flags } from '@oclif/core';
import { readReceipts } from '../files/receipt/joined.js';
import type { Summary } from '../files/plan/schema.js';
import { EVERY_TEAM } from '../model/team-filter.js';
import { exemptedLines } from '../views/plan/plan-summary.js';
import { countOf } from '../views/plan/totals.js';
import { BaseCommand } from '../cli/base-command.js';
import { connectionFlags, planningFlags, planningTerms, planSource, progressFlags } from '../cli/flags.js';
import { destinationOf, madePlanText, makePlanFor } from '../cli/plan-destination.js';

export default class Revert extends BaseCommand {
  static override summary = 'Write down the changes that take back what was applied.';
  static override description =
    'Reads the receipt of an apply and both databases, writes to neither, and makes a plan of the inverse changes: what ' +
    'was inserted is deleted, what was deleted comes back whole (a PostgreSQL row under a new serial id), what was ' +
    'altered is altered back. Rows whose holder, role, activity or link somebody has changed since block their user in ' +
    'that team; whatever else was written into a row is no change, and stays where it is altered back. The plan is ' +
    'reviewed like any other; apply demands the receipt beside it (--of), which proves every entry. It works for ' +
    'receipts of runs that were killed, and of reverts. Of a plan that was applied in parts it needs the receipt of each.';
  static override examples = [
    '<%= config.bin %> revert plan.json.receipt.jsonl -o revert.json',
    '<%= config.bin %> show revert.json',
    '<%= config.bin %> apply revert.json --of plan.json.receipt.jsonl',
    '<%= config.bin %> revert plan.json.receipt.*-of-4.jsonl -o revert.json',
  ];
  static override enableJsonFlag = true;
  static override args = {
    receipt: Args.string({
      required: true,
      multiple: true,
      ignoreStdin: true,
      description: 'the receipt, or those of all parts of the plan; - is stdin',
    }),
  };
  static override flags = {
    ...planningFlags,
    partial: Flags.boolean({
      description: 'take back what these receipts hold, although others of the same plan lie beside them',
    }),
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<{ file: string; digest: string; summary: Summary } | undefined> {
    const parsed = await this.parse(Revert);
    const { args, flags } = parsed;
    const sources = args.receipt.map((file) => planSource(file, 'any'));
    const parts = flags.partial ? 'as-named' : 'all';
    const receipt = await readReceipts(sources, parts, this.reading('Reading the receipt'));
    try {
      this.detail(`Receipt read: ${receipt.teams.length} teams, ${receipt.runs.length} runs`);
      const configuration = await this.loadConfiguration(flags);
      const destination = destinationOf(flags);
      const { revert } = await import('../steps/revert.js');
      const { observer } = this;
      const planned = await makePlanFor(
        destination,
        async (output) => {
          const terms = { ...output, ...planningTerms(flags), configuration, receipt, observer };
          const made = await this.interruptible((signal) => revert({ ...terms, signal }));
          this.detail(`Planned: ${made.summary.teams.scanned} teams read`);
          return made;
        },
        this.reading('Verifying the plan'),
      );
      for (const line of exemptedLines(planned.exempted)) this.tell(line);
      const ahead = {
        receipts: args.receipt.map((file) => (file === '-' ? 'RECEIPT' : file)),
        demanded: configuration.approvals,
        ...this.applyNeeds(parsed),
      };
      const made = { kind: 'revert', ...planned, filter: EVERY_TEAM } as const;
      this.tell(await madePlanText(made, destination, ['revert', ...args.receipt], parsed, ahead));
      if (destination.kind !== 'screen' && countOf(planned.summary.blocked) > 0)
        this.tell(
          'What is blocked was changed since, or cannot be taken back; nothing of these users is taken back in these teams.',
        );
      return destination.kind === 'file' ? { file: destination.path, ...planned } : undefined;
    } finally {
      await receipt.close();
    }
  }
}

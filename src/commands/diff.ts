import type { Errors } from '@oclif/core';
import { readPlan, type VerifiedPlan } from '../files/plan/reader.js';
import { commandLine } from '../views/next-command.js';
import type { Activity } from '../views/progress.js';
import { BaseCommand } from '../cli/base-command.js';
import { fileArgument, planSource, progressFlags } from '../cli/flags.js';
import { usageFailure } from '../cli/error-report.js';
import { EXIT } from '../cli/exit-codes.js';
import { printDifferences } from '../cli/print-differences.js';

export default class Diff extends BaseCommand {
  static override summary = 'Show what differs between two plans, by team and user.';
  static override description =
    'Verifies both files first and connects to nothing. Two plans made at different times differ at least in their ' +
    'time; use plan --as-of to make one for the time of another.';
  static override examples = [
    '<%= config.bin %> diff yesterday.json today.json',
    '<%= config.bin %> plan | <%= config.bin %> diff plan.json - --json',
  ];
  static override enableJsonFlag = true;
  static override args = {
    old: fileArgument('the plan to compare with; - is stdin'),
    new: fileArgument('the plan to compare; - is stdin'),
  };
  static override flags = { ...progressFlags };

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Diff);
    if (args.old === '-' && args.new === '-')
      throw usageFailure('both plans are to come from stdin', 'Name a file for one of them.');
    const now = Date.now();
    const read = (file: string, activity: Activity): Promise<VerifiedPlan> =>
      readPlan(planSource(file, 'any'), { now, observer: this.reading(activity) });
    const oldPlan = await read(args.old, 'Verifying the old plan');
    try {
      const newPlan = await read(args.new, 'Verifying the new plan');
      try {
        this.detail('Both plans verified');
        const found = await printDifferences(oldPlan, newPlan, flags.json ? 'json' : 'text', this.progress);
        if (found > 0) this.endWith(EXIT.different);
      } finally {
        await newPlan.close();
      }
    } finally {
      await oldPlan.close();
    }
  }

  protected override usageAdvice(error: Errors.CLIError): string {
    const [plan, ...others] = this.argv.filter((word) => !word.startsWith('-'));
    const help = super.usageAdvice(error);
    if (plan === undefined || others.length > 0) return help;
    return `diff compares two plans; what one does: ${commandLine('show', plan)}; whether it still fits the databases: ${commandLine('verify', plan)}. ${help}`;
  }
}

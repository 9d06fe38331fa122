import { Flags } from '@oclif/core';
import type { Summary } from '../files/plan/schema.js';
import { SOURCE_DOUBT_WORDS } from '../model/safeguards.js';
import type { PlannedFix, PlanOptions } from '../steps/plan.js';
import { neighbourLines } from '../views/plan/plan-summary.js';
import { changesIn, countOf } from '../views/plan/totals.js';
import { BaseCommand } from '../cli/base-command.js';
import { EXIT } from '../cli/exit-codes.js';
import {
  connectionFlags,
  fileFlag,
  idFlag,
  planningFlags,
  planningTerms,
  progressFlags,
  shardFlag,
} from '../cli/flags.js';
import { destinationOf, madePlanText, makePlanFor } from '../cli/plan-destination.js';

export default class Plan extends BaseCommand {
  static override summary = 'Read both databases and write down the changes that would repair them.';
  static override description =
    'Writes to neither database. The plan is a file to be reviewed and then given to apply. Without -o it goes to ' +
    'stdout, or is shown in readable form where stdout is a terminal. The same data, policy and --as-of give the ' +
    'same bytes, so that a plan can be reproduced.';
  static override examples = [
    '<%= config.bin %> plan -o plan.json',
    '<%= config.bin %> plan > plan.json',
    '<%= config.bin %> plan --team 64a000000000000000000001 --team 64a000000000000000000002',
    '<%= config.bin %> plan --detailed-exitcode -q > /dev/null || echo "roles have drifted apart"',
  ];
  static override enableJsonFlag = true;
  static override flags = {
    ...planningFlags,
    team: idFlag('only this team; can be given several times'),
    'exclude-team': idFlag('all but this team; can be given several times'),
    shard: shardFlag('only one of N parts of all teams, counted from 0: 0/4, 1/4, 2/4, 3/4'),
    policy: fileFlag('policy settings, laid over those of the configuration; - is stdin'),
    'detailed-exitcode': Flags.boolean({ description: 'exit with 2 if there is anything to change' }),
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<{ file: string; digest: string; summary: Summary } | undefined> {
    const parsed = await this.parse(Plan);
    const { flags } = parsed;
    const configuration = await this.loadConfiguration(flags);
    const destination = destinationOf(flags);
    const filter = {
      teams: flags.team ?? null,
      excludeTeams: flags['exclude-team'] ?? [],
      shard: flags.shard ?? null,
    };
    const planned = await makePlanFor(
      destination,
      (output) => this.plan({ ...output, ...planningTerms(flags), configuration, filter }),
      this.reading('Verifying the plan'),
    );
    const { digest, summary } = planned;
    for (const doubt of planned.doubts) {
      this.tell(
        `Warning: ${SOURCE_DOUBT_WORDS[doubt]}. These two databases may not belong together, or a restore is not complete: by the rules, everybody who is no member loses every role. apply refuses it without --allow-empty-source.`,
      );
    }
    const ahead = { demanded: configuration.approvals, ...this.applyNeeds(parsed) };
    this.tell(await madePlanText({ kind: 'fix', ...planned, filter }, destination, ['plan'], parsed, ahead));
    if (destination.kind !== 'screen' && changesIn(summary) === 0 && countOf(summary.blocked) > 0)
      this.tell('There is nothing to change, but what is blocked needs a person.');
    if (flags['detailed-exitcode'] && changesIn(summary) > 0) this.endWith(EXIT.different);
    return destination.kind === 'file' ? { file: destination.path, digest, summary } : undefined;
  }

  private async plan(options: PlanOptions): Promise<PlannedFix> {
    const { plan } = await import('../steps/plan.js');
    const observer = this.observerOf('Reading');
    const planned = await this.interruptible((signal) => plan({ ...options, observer, signal }));
    this.detail(`Planned: ${planned.summary.teams.scanned} teams read`);
    for (const line of neighbourLines(planned.neighbours)) this.tell(line);
    return planned;
  }
}

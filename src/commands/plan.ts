import { Flags } from '@oclif/core';
import type { Configuration } from '../config/configuration.js';
import type { Summary } from '../files/plan/schema.js';
import type { PlanSink } from '../files/sink.js';
import { openPlanWriter } from '../files/plan/writer.js';
import type { Connections } from '../stores/connections.js';
import type { Mapping } from '../model/mapping.js';
import type { PlannedChanges } from '../planner/plan-changes.js';
import { SOURCE_DOUBT_WORDS } from '../model/safeguards.js';
import { writtenRoles } from '../model/policy.js';
import type { TeamFilter } from '../model/team.js';
import { commandLine } from '../views/next-command.js';
import { neighbourLines, planSummary } from '../views/plan-summary.js';
import { NO_PROGRESS, type Total } from '../views/progress.js';
import { terminalFor } from '../views/terminal.js';
import { changesIn, countOf } from '../views/totals.js';
import { asOfFlag } from '../cli/as-of-flag.js';
import { BaseCommand, connectionFlags, progressFlags } from '../cli/base-command.js';
import { EXIT } from '../cli/exit-codes.js';
import { connectingFlags } from '../cli/given-flags.js';
import { shardFlag } from '../cli/shard-flag.js';
import { interruptible } from '../cli/interruptible-reading.js';
import { destinationOf, makePlanFor, type Destination } from '../cli/plan-destination.js';

interface PlanTerms {
  readonly filter: TeamFilter;
  /** Milliseconds since 1970. */
  readonly asOf: number;
  readonly now: number;
}

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
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      description:
        'write the plan to a new file that only you can read; - is stdout. With --json, stdout has a summary',
    }),
    force: Flags.boolean({ description: 'replace the file if it exists', dependsOn: ['output'] }),
    'as-of': asOfFlag,
    team: Flags.string({
      helpValue: 'ID',
      multiple: true,
      multipleNonGreedy: true,
      description: 'only this team; can be given several times',
    }),
    'exclude-team': Flags.string({
      helpValue: 'ID',
      multiple: true,
      multipleNonGreedy: true,
      description: 'all but this team; can be given several times',
    }),
    shard: shardFlag('only one of N parts of all teams, counted from 0: 0/4, 1/4, 2/4, 3/4'),
    policy: Flags.string({
      helpValue: 'FILE',
      description: 'policy settings, laid over those of the configuration; - is stdin',
    }),
    'detailed-exitcode': Flags.boolean({ description: 'exit with 2 if there is anything to change' }),
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<{ file: string; digest: string; summary: Summary } | undefined> {
    const parsed = await this.parse(Plan);
    const { flags } = parsed;
    const configuration = await this.loadConfiguration({
      dotenv: flags.dotenv,
      config: flags.config,
      policy: flags.policy,
    });
    const now = Date.now();
    const terms: PlanTerms = {
      filter: {
        teams: flags.team ?? null,
        excludeTeams: flags['exclude-team'] ?? [],
        shard: flags.shard ?? null,
      },
      asOf: flags['as-of'] ?? now,
      now,
    };
    const destination = destinationOf(flags);
    const planned = await makePlanFor(destination, (out) => this.makePlan(out, configuration, terms), {
      now,
      fileName: 'plan.json',
      observer: this.reading('Verifying the plan'),
    });
    for (const doubt of planned.doubts) {
      this.tell(
        `Warning: ${SOURCE_DOUBT_WORDS[doubt]}. These two databases may not belong together, or a restore is not complete: by the rules, whoever is no member loses every role.`,
      );
    }
    this.tellSummary(planned, destination, connectingFlags(parsed));
    if (flags['detailed-exitcode'] && changesIn(planned.summary) > 0) this.endWith(EXIT.different);
    return destination.kind === 'file'
      ? { file: destination.path, digest: planned.digest, summary: planned.summary }
      : undefined;
  }

  private async makePlan(
    out: PlanSink,
    configuration: Configuration,
    terms: PlanTerms,
  ): Promise<PlannedChanges> {
    const { policy, mapping } = configuration;
    const [{ connectBoth }, { openFactsReader }, { planChanges }] = await Promise.all([
      import('../stores/connections.js'),
      import('../stores/open-facts-reader.js'),
      import('../planner/plan-changes.js'),
    ]);
    const connections = await connectBoth(configuration, 'plan', this.tellWait);
    const { mongo, postgres } = connections;
    const ending = await interruptible(connections, async () => {
      // Said once a signal is seen to, so that whoever reads it can interrupt.
      this.tell(
        `Reading MongoDB ${mongo.address}, database ${configuration.mongo.database}, and ` +
          `PostgreSQL ${postgres.address}, database ${configuration.postgres.database}.`,
      );
      await this.tellConnections(connections);
      const total = await this.expectedTeams(terms.filter, connections, mapping);
      this.progress.begin({ activity: 'Reading', unit: 'teams', total });
      const reader = await openFactsReader(connections, mapping, { roles: writtenRoles(policy) });
      const planned = await planChanges({
        ...{ reader, policy, mapping, out },
        ...{ filter: terms.filter, asOf: terms.asOf, now: terms.now },
        tool: `${this.config.bin}/${this.config.version}`,
        writer: await openPlanWriter(),
        onProgress: () => {
          this.progress.advance();
        },
      });
      return { planned, reader };
    });
    this.progress.stop();
    if (ending.kind === 'interrupted') return this.exit(EXIT.interrupted);
    const { planned, reader } = ending.result;
    this.detail(`Planned: ${planned.summary.teams.scanned} teams read`);
    for (const line of neighbourLines(reader)) this.tell(line);
    return planned;
  }

  /** Asks nobody where nobody looks. */
  private async expectedTeams(filter: TeamFilter, { mongo }: Connections, mapping: Mapping): Promise<Total> {
    if (this.progress === NO_PROGRESS) return { kind: 'unknown' };
    const { expectedTeams } = await import('../planner/plan-terms.js');
    const count = await expectedTeams(filter, mongo, mapping);
    return count === null ? { kind: 'unknown' } : { kind: 'about', count };
  }

  private tellSummary(
    { digest, summary }: PlannedChanges,
    destination: Destination,
    connecting: readonly string[],
  ): void {
    if (destination.kind === 'screen') {
      this.tell(
        `\nThis plan is not saved. To save one: ${commandLine('plan', ...connecting, '-o', 'plan.json')}`,
      );
      return;
    }
    const { isTTY, columns } = process.stderr;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    const file = destination.kind === 'file' ? destination.path : null;
    const header = { kind: 'fix', summary } as const;
    this.tell(planSummary({ header, digest }, terminal, file, undefined, connecting).trimEnd());
    if (changesIn(summary) === 0 && countOf(summary.blocked) > 0)
      this.tell('There is nothing to change, but what is blocked needs a person.');
  }
}

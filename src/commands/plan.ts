import { Flags } from '@oclif/core';
import type { Configuration } from '../config/configuration.js';
import { openFileSink } from '../plan/file-sink.js';
import { openScratchPlan, type ScratchPlan } from '../plan/scratch-plan.js';
import type { Summary } from '../plan/schema.js';
import { streamSink, type PlanSink } from '../plan/sink.js';
import { openPlanWriter } from '../plan/writer.js';
import type { TeamFilter } from '../team/team-filter.js';
import { commandLine } from '../views/next-command.js';
import { NO_FILTER, filteredPlan } from '../views/plan-filter.js';
import { planSummary } from '../views/plan-summary.js';
import { planText } from '../views/plan-text.js';
import { startTeamCounter } from '../views/team-counter.js';
import { terminalFor } from '../views/terminal.js';
import { changesIn, countOf } from '../views/totals.js';
import { BaseCommand, connectionFlags, progressFlags } from './base-command.js';
import { usageFailure } from './error-report.js';
import { EXIT } from './exit-codes.js';

/** Where the plan goes. `screen`: nobody reads JSON on a terminal, so it is shown in readable form. */
type Destination =
  | { readonly kind: 'file'; readonly path: string; readonly existing: 'refuse' | 'replace' }
  | { readonly kind: 'stdout' }
  | { readonly kind: 'screen' };

interface Planned {
  readonly digest: string;
  readonly summary: Summary;
}

interface PlanTerms {
  readonly filter: TeamFilter;
  /** Milliseconds since 1970. */
  readonly asOf: number;
  readonly now: number;
  readonly progress: 'show' | 'hide';
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
    'as-of': Flags.custom<number>({ parse: (text) => Promise.resolve(parseInstant(text)) })({
      helpValue: 'TIME',
      description:
        'the time that the plan is made for, to reproduce one: 2026-11-22T06:15:00.000Z [default: now]',
    }),
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
    shard: Flags.custom<TeamFilter['shard']>({ parse: (text) => Promise.resolve(parseShard(text)) })({
      helpValue: 'I/N',
      description: 'only one of N parts of all teams, counted from 0: 0/4, 1/4, 2/4, 3/4',
    }),
    policy: Flags.string({
      helpValue: 'FILE',
      description: 'policy settings, laid over those of the configuration; - is stdin',
    }),
    'detailed-exitcode': Flags.boolean({ description: 'exit with 2 if there is anything to change' }),
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<{ file: string; digest: string; summary: Summary } | undefined> {
    const { flags } = await this.parse(Plan);
    const configuration = await this.loadConfiguration({
      'env-file': flags['env-file'],
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
      progress: this.showsProgress(flags) ? 'show' : 'hide',
    };
    const destination = destinationOf(flags.output, flags.force, flags.json);
    const planned = await this.planTo(destination, configuration, terms);
    this.tellSummary(planned, destination);
    if (flags['detailed-exitcode'] && changesIn(planned.summary) > 0) this.endWith(EXIT.different);
    return destination.kind === 'file' ? { file: destination.path, ...planned } : undefined;
  }

  private async planTo(
    destination: Destination,
    configuration: Configuration,
    terms: PlanTerms,
  ): Promise<Planned> {
    switch (destination.kind) {
      case 'file':
        // Opened before the databases, so that a name that cannot be used costs no time.
        return this.makePlan(
          await openFileSink(destination.path, destination.existing),
          configuration,
          terms,
        );
      case 'stdout':
        return this.makePlan(streamSink(process.stdout), configuration, terms);
      case 'screen': {
        const scratch = await openScratchPlan();
        try {
          const planned = await this.makePlan(scratch.sink, configuration, terms);
          await showOnScreen(scratch, terms.now);
          return planned;
        } finally {
          await scratch.close();
        }
      }
    }
  }

  private async makePlan(out: PlanSink, configuration: Configuration, terms: PlanTerms): Promise<Planned> {
    const { policy, mapping } = configuration;
    const [{ connectBoth }, { openFactsReader }, { planChanges }] = await Promise.all([
      import('../stores/connections.js'),
      import('../stores/open-facts-reader.js'),
      import('../planner/plan-changes.js'),
    ]);
    const connections = await connectBoth(configuration, 'plan');
    const { mongo, postgres } = connections;
    this.tell(
      `Reading MongoDB ${mongo.address}, database ${configuration.mongo.database}, and ` +
        `PostgreSQL ${postgres.address}, database ${configuration.postgres.database}.`,
    );
    const interruption = new AbortController();
    // Without its connections, planning fails and cleans up behind itself. A second signal ends the process at once.
    const interrupt = (): void => {
      interruption.abort();
      void connections.close();
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    const counter = terms.progress === 'show' ? startTeamCounter(process.stderr) : undefined;
    try {
      const reader = await openFactsReader(connections, mapping);
      return await planChanges({
        ...{ reader, policy, mapping, out },
        ...{ filter: terms.filter, asOf: terms.asOf, now: terms.now },
        tool: `${this.config.bin}/${this.config.version}`,
        writer: await openPlanWriter(),
        onProgress: (teams) => counter?.update(teams),
      });
    } catch (error) {
      if (interruption.signal.aborted) this.exit(EXIT.interrupted);
      throw error;
    } finally {
      counter?.stop();
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      await connections.close();
    }
  }

  private tellSummary({ digest, summary }: Planned, destination: Destination): void {
    if (destination.kind === 'screen') {
      this.tell(`\nThis plan is not saved. To save one: ${commandLine('plan', '-o', 'plan.json')}`);
      return;
    }
    const { isTTY, columns } = process.stderr;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    const file = destination.kind === 'file' ? destination.path : null;
    this.tell(planSummary({ header: { kind: 'fix', summary }, digest }, terminal, file).trimEnd());
    if (changesIn(summary) === 0 && countOf(summary.blocked) > 0)
      this.tell('There is nothing to change, but what is blocked needs a person.');
  }
}

function destinationOf(output: string | undefined, force: boolean, json: boolean | undefined): Destination {
  if (output !== undefined && output !== '-')
    return { kind: 'file', path: output, existing: force ? 'replace' : 'refuse' };
  return process.stdout.isTTY && output === undefined && !json ? { kind: 'screen' } : { kind: 'stdout' };
}

/** Shows what was planned the way `show` does: after verifying every byte. */
async function showOnScreen(scratch: ScratchPlan, now: number): Promise<void> {
  const plan = await scratch.read(now);
  try {
    const { isTTY, columns } = process.stdout;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    const out = streamSink(process.stdout);
    for await (const piece of planText(await filteredPlan(plan, NO_FILTER), terminal, 'plan.json'))
      await out.write(Buffer.from(piece));
  } finally {
    await plan.close();
  }
}

function parseInstant(text: string): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$/.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse takes 30 February for 2 March.
  if (!Number.isNaN(at) && new Date(at).toISOString().slice(0, 19) === text.slice(0, 19)) return at;
  throw usageFailure('--as-of is no time in UTC', 'Write it like this: 2026-11-22T06:15:00.000Z');
}

function parseShard(text: string): TeamFilter['shard'] {
  const [, index, count] = /^(\d{1,5})\/(\d{1,5})$/.exec(text) ?? [];
  if (Number(index) < Number(count)) return { index: Number(index), count: Number(count) };
  throw usageFailure('--shard names no part', 'Parts are counted from 0: 0/4, 1/4, 2/4, 3/4.');
}

import { setFlagsFromString } from 'node:v8';
import { Flags } from '@oclif/core';
import { readPlan, type VerifiedPlan } from '../files/plan/reader.js';
import { openScratchPlan } from '../files/plan/scratch-plan.js';
import { openPlanWriter } from '../files/plan/writer.js';
import type { Connections } from '../stores/connections.js';
import { applyCommand, planAgainCommand } from '../views/next-command.js';
import type { Progress } from '../views/progress.js';
import { terminalFor } from '../views/terminal.js';
import { verifyJson, verifyText, type ShownVerdict } from '../views/verify-text.js';
import {
  BaseCommand,
  connectionFlags,
  fileArgument,
  planSource,
  progressFlags,
} from '../cli/base-command.js';
import { usageFailure } from '../cli/error-report.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import { connectingFlags } from '../cli/given-flags.js';
import { printDifferences } from '../cli/print-differences.js';
import { printPieces } from '../cli/print-pieces.js';

export default class Verify extends BaseCommand {
  static override summary = 'Check a plan against the live databases, changing nothing.';
  static override description =
    'Says of every team whether it still is as the plan found it (holds), already as the plan wants it, half done (as ' +
    'an apply that was cut off leaves it), or drifted: then planned and found stand side by side. With --reproduce the plan is made ' +
    'once more from the same time, policy, mapping and filter, and the two are compared byte for byte.';
  static override examples = [
    '<%= config.bin %> verify plan.json',
    '<%= config.bin %> verify plan.json --reproduce',
    '<%= config.bin %> verify plan.json --json',
  ];
  static override enableJsonFlag = true;
  static override args = { plan: fileArgument('the plan; - is stdin') };
  static override flags = {
    reproduce: Flags.boolean({ description: 'make the plan again and compare' }),
    ...progressFlags,
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const parsed = await this.parse(Verify);
    const { args, flags } = parsed;
    // What is compared is done with at once. More room for what is new would save nothing here and be held until the end;
    // making a plan again does need it.
    if (!flags.reproduce) setFlagsFromString('--semi-space-growth-factor=1');
    const plan = await readPlan(planSource(args.plan, 'any'), {
      now: Date.now(),
      observer: this.reading('Verifying the plan'),
    });
    try {
      this.detail(`Plan verified: ${plan.header.summary.teams.changed} teams with changes`);
      if (flags.reproduce && plan.header.kind === 'revert') {
        throw usageFailure(
          'a revert plan is not made by the rules, so --reproduce has nothing to go by',
          'Make it again from its receipt: fix-roles revert RECEIPT --as-of TIME, and compare with fix-roles diff.',
        );
      }
      const configuration = await this.loadConfiguration(flags);
      const { connectBoth } = await import('../stores/connections.js');
      const connections = await connectBoth(configuration, 'verify', this.tellWait);
      await this.tellConnections(connections);
      const connecting = connectingFlags(parsed);
      const check = { plan, connections, connecting, form: flags.json ? 'json' : 'text' } as const;
      try {
        const code = flags.reproduce
          ? await this.reproduce(check)
          : await printVerdicts(check, args.plan, this.progress);
        this.detail('Compared with the databases');
        this.endWith(code);
      } finally {
        this.progress.stop();
        await connections.close();
      }
    } finally {
      await plan.close();
    }
  }

  private async reproduce({ plan, connections, form }: Check): Promise<ExitCode> {
    const [{ openFactsReader }, { reproducePlan }, { checkTargets }] = await Promise.all([
      import('../stores/open-facts-reader.js'),
      import('../planner/plan-changes.js'),
      import('../apply/target-check.js'),
    ]);
    const scratch = await openScratchPlan();
    try {
      const reader = await openFactsReader(connections, plan.header.mapping);
      checkTargets(plan.header.targets, reader.targets);
      const { scanned } = plan.header.summary.teams;
      this.progress.begin({ activity: 'Reading', unit: 'teams', total: { kind: 'about', count: scanned } });
      await reproducePlan(plan, {
        reader,
        tool: `${this.config.bin}/${this.config.version}`,
        writer: await openPlanWriter(),
        out: scratch.sink,
        onProgress: () => {
          this.progress.advance();
        },
      });
      const remade = await scratch.read(Date.now(), this.reading('Verifying the new plan'));
      try {
        return (await printDifferences(plan, remade, form, this.progress)) > 0 ? EXIT.different : EXIT.done;
      } finally {
        await remade.close();
      }
    } finally {
      await scratch.close();
    }
  }
}

interface Check {
  readonly plan: VerifiedPlan;
  readonly connections: Connections;
  readonly form: 'text' | 'json';
  /** Flags that say which databases. */
  readonly connecting: readonly string[];
}

async function printVerdicts(
  { plan, connections, form, connecting }: Check,
  planFile: string,
  progress: Progress,
): Promise<ExitCode> {
  const { verifyTeams } = await import('../apply/verify.js');
  let code: ExitCode = EXIT.done;
  async function* verdicts(): AsyncIterable<ShownVerdict> {
    for await (const verified of verifyTeams(plan, connections)) {
      if (verified.verdict.kind === 'drifted' || verified.verdict.kind === 'overtaken') code = EXIT.drift;
      progress.advance();
      yield verified;
    }
  }
  const { isTTY, columns } = process.stdout;
  const terminal = terminalFor({ isTTY, columns, env: process.env });
  const lines = {
    planLine: planAgainCommand(plan.header.kind, undefined, connecting),
    applyLine: applyCommand(plan.header.kind, planFile, undefined, connecting),
  };
  const pieces = form === 'json' ? verifyJson(verdicts()) : verifyText(verdicts(), terminal, lines);
  const { changed } = plan.header.summary.teams;
  progress.begin({ activity: 'Comparing', unit: 'teams', total: { kind: 'exact', count: changed } });
  await printPieces(pieces, progress);
  return code;
}

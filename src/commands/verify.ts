import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Flags } from '@oclif/core';
import { readPlan } from '../files/plan/reader.js';
import { openScratchPlan } from '../files/plan/scratch-plan.js';
import { receiptsOf } from '../files/receipt/parts.js';
import type { VerifyOptions } from '../steps/verify.js';
import { planAgainCommand } from '../views/next-command.js';
import { fittedPieces } from '../views/terminal.js';
import { verifyJson, verifyText, type ShownVerdict } from '../views/verify-text.js';
import { applyAhead } from '../cli/apply-ahead.js';
import { shownApprovals } from '../cli/approval-flags.js';
import { BaseCommand } from '../cli/base-command.js';
import { usageFailure } from '../cli/error-report.js';
import { EXIT, type ExitCode } from '../cli/exit-codes.js';
import {
  connectingFlags,
  connectionFlags,
  fileArgument,
  planSource,
  progressFlags,
  type Given,
} from '../cli/flags.js';
import { freeName } from '../cli/file-names.js';
import { printDifferences } from '../cli/print-differences.js';
import { printPieces, terminalOf } from '../cli/output.js';

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
    // Compared teams are garbage at once: more room for new objects saves nothing, and would be held until the end. Only
    // making a plan again needs it.
    if (!flags.reproduce) setFlagsFromString('--semi-space-growth-factor=1');
    const observer = this.reading('Verifying the plan');
    const plan = await readPlan(planSource(args.plan, 'any'), { now: Date.now(), observer });
    try {
      this.detail(`Plan verified: ${plan.header.summary.teams.changed} teams with changes`);
      if (flags.reproduce && plan.header.kind === 'revert') {
        throw usageFailure(
          'a revert plan is not made by the rules, so --reproduce has nothing to go by',
          'Make it again from its receipt: fix-roles revert RECEIPT --as-of TIME, and compare with fix-roles diff.',
        );
      }
      const configuration = await this.loadConfiguration(flags);
      const step = { configuration, plan, observer: this.observer };
      const form = flags.json ? 'json' : 'text';
      const code = flags.reproduce
        ? await this.reproduce(step, form)
        : await this.verify(step, form, args.plan, parsed);
      this.detail('Compared with the databases');
      this.endWith(code);
    } finally {
      this.progress.stop();
      await plan.close();
    }
  }

  private async reproduce(step: VerifyOptions, form: 'text' | 'json'): Promise<ExitCode> {
    const { reproduce } = await import('../steps/verify.js');
    const scratch = await openScratchPlan();
    try {
      await reproduce({ ...step, file: scratch.sink });
      const remade = await scratch.read(Date.now(), this.reading('Verifying the new plan'));
      try {
        const differences = await printDifferences(step.plan, remade, form, this.progress);
        return differences > 0 ? EXIT.different : EXIT.done;
      } finally {
        await remade.close();
      }
    } finally {
      await scratch.close();
    }
  }

  private async verify(
    step: VerifyOptions,
    form: 'text' | 'json',
    planFile: string,
    parsed: Given,
  ): Promise<ExitCode> {
    const { verify } = await import('../steps/verify.js');
    let code: ExitCode = EXIT.done;
    const live = verify(step);
    // This fails where a database cannot be reached; no output must have begun by then.
    const first = await live.next();
    async function* verdicts(): AsyncIterable<ShownVerdict> {
      try {
        for (let next = first; next.done !== true; next = await live.next()) {
          const { kind } = next.value.verdict;
          if (kind === 'drifted' || kind === 'overtaken') code = EXIT.drift;
          yield next.value;
        }
      } finally {
        await live.return();
      }
    }
    const { header } = step.plan;
    const demanded = step.configuration.approvals;
    const approvals = demanded && (await shownApprovals(step.plan, planFile, {}, demanded));
    const receipts =
      header.kind === 'revert' ? await receiptsOf(header.reverts, dirname(planFile)) : undefined;
    const ahead = await applyAhead({
      ...{ header, digest: step.plan.digest, file: planFile, demanded, receipts, holds: true },
      approved: approvals?.kind === 'checked' ? approvals.people : 0,
      ...this.applyNeeds(parsed),
    });
    const planLine = planAgainCommand(header.kind, receipts, connectingFlags(parsed), freeName);
    const terminal = terminalOf(process.stdout);
    const text = (): AsyncIterable<string> => verifyText(verdicts(), terminal, { planLine, ahead });
    const pieces = form === 'json' ? verifyJson(verdicts()) : fittedPieces(text(), terminal.columns);
    await printPieces(pieces, this.progress);
    return code;
  }
}

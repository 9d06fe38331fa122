import { homedir } from 'node:os';
import { Flags } from '@oclif/core';
import { approve, defaultSigningKey, type MadeApproval, type SigningKey } from '../approval/approve.js';
import { readPlan } from '../files/plan/reader.js';
import { planOverview } from '../views/plan/plan-text.js';
import { visibleText } from '../views/safe-text.js';
import { BaseCommand } from '../cli/base-command.js';
import { fileArgument, fileFlag, planSource, progressFlags } from '../cli/flags.js';
import { terminalOf } from '../cli/output.js';
import { usageFailure } from '../cli/error-report.js';

export default class Approve extends BaseCommand {
  static override summary = 'Approve a plan: sign its exact bytes with your SSH key.';
  static override description =
    'Verifies the whole file, shows what it comes to, and has ssh-keygen sign it for nothing but this purpose. The ' +
    'signature goes into PLAN.approvals, beside the plan: hand both on, or commit both. apply --require-approvals ' +
    'then demands so many people. Look at the plan with show before you approve it. Connects to nothing.';
  static override examples = [
    '<%= config.bin %> approve plan.json',
    '<%= config.bin %> approve plan.json --key ~/.ssh/id_ed25519.pub',
    '<%= config.bin %> apply plan.json --require-approvals 2 --allowed-signers allowed_signers',
  ];
  static override enableJsonFlag = true;
  static override args = { plan: fileArgument('the plan, a file') };
  static override flags = {
    key: fileFlag(
      'your SSH key; a public one, if an agent has the private half [default: the one that git signs with, or ~/.ssh/id_ed25519]',
    ),
    force: Flags.boolean({
      description: 'replace what your key has signed earlier under the name of this plan',
    }),
    ...progressFlags,
  };

  async run(): Promise<MadeApproval & { readonly digest: string }> {
    const { args, flags } = await this.parse(Approve);
    if (args.plan === '-') {
      throw usageFailure(
        'a plan from stdin has no place for an approval beside it',
        'Save the plan, and approve the file.',
      );
    }
    const observer = this.reading('Verifying the plan');
    const plan = await readPlan(planSource(args.plan, 'any'), { now: Date.now(), observer });
    try {
      this.detail(`Plan verified: ${plan.header.summary.teams.changed} teams with changes`);
      this.tell(planOverview(plan, terminalOf(process.stderr)));
      const key: SigningKey =
        flags.key === undefined ? await defaultSigningKey(homedir()) : { kind: 'file', path: flags.key };
      const made = await approve({
        plan,
        planFile: args.plan,
        key,
        existing: flags.force ? 'replace' : 'refuse',
        terminal: process.stdin.isTTY ? 'present' : 'absent',
        environment: process.env,
        onPrompt: (line) => {
          this.tell(line);
        },
      });
      const words = made.kind === 'made' ? 'Approved' : 'This key has approved this very plan already';
      this.log(`${words}: ${visibleText(made.file, 4096)}`);
      return { ...made, digest: plan.digest };
    } finally {
      await plan.close();
    }
  }
}

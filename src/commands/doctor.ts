import { Flags } from '@oclif/core';
import { streamSink } from '../files/sink.js';
import { doctorJson, doctorText } from '../views/doctor-text.js';
import { fitted } from '../views/terminal.js';
import { BaseCommand } from '../cli/base-command.js';
import { connectingFlags, connectionFlags } from '../cli/flags.js';
import { EXIT } from '../cli/exit-codes.js';
import { freeName } from '../cli/file-names.js';
import { terminalOf } from '../cli/output.js';

export default class Doctor extends BaseCommand {
  static override summary = 'Check that both databases are fit for plan and apply, changing nothing.';
  static override description =
    'Looks at both stores: whether they can be reached, how the connection is encrypted, versions, transactions, tables ' +
    'and collections, indexes, what the users may do, whether session locks hold, clocks, and how much there is. Every ' +
    'check is ✓, ! (works, but one should know) or ✗, with a remedy; what cannot be checked (-) says why. The statements ' +
    'it prints are never run: read them, and hand them to somebody with the rights.';
  static override examples = [
    '<%= config.bin %> doctor',
    '<%= config.bin %> doctor --for plan',
    '<%= config.bin %> doctor --json --dotenv production.env',
  ];
  static override enableJsonFlag = true;
  static override flags = {
    for: Flags.option({
      options: ['plan', 'apply'] as const,
      default: 'apply',
      description: 'plan: leave out what only apply needs',
    })(),
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const parsed = await this.parse(Doctor);
    const { flags } = parsed;
    const configuration = await this.loadConfiguration(flags);
    const [{ examineStores }, { secretsOf }] = await Promise.all([
      import('../doctor/examine.js'),
      import('../config/configuration.js'),
    ]);
    const { mapping, policy } = configuration;
    const postgres = { ...configuration.postgres, onLockWait: this.tellLockWait };
    const checks = await examineStores(
      { ...configuration, postgres },
      {
        mapping,
        policy,
        purpose: flags.for,
        secrets: secretsOf(configuration),
        now: Date.now(),
        onWait: this.tellWait,
      },
    );
    this.detail(`Examined both stores: ${checks.length} checks`);
    const terminal = terminalOf(process.stdout);
    const out = streamSink(process.stdout);
    const text = (): string => doctorText(checks, terminal, connectingFlags(parsed), freeName('plan.json'));
    await out.write(Buffer.from(flags.json ? doctorJson(checks) : fitted(text(), terminal.columns)));
    await out.commit();
    if (checks.some(({ result }) => result.status === 'failed')) this.endWith(EXIT.operational);
  }
}

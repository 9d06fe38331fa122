import { Flags } from '@oclif/core';
import { openFileSink } from '../files/file-sink.js';
import { streamSink } from '../files/sink.js';
import type { NameCheck } from '../model/name-check.js';
import { configStart } from '../views/config-start.js';
import { nameChecksText } from '../views/name-checks.js';
import { commandLine } from '../views/next-command.js';
import { visibleText } from '../views/safe-text.js';
import { BaseCommand } from '../cli/base-command.js';
import { connectingFlags, connectionFlags } from '../cli/flags.js';
import { freeName } from '../cli/file-names.js';

const FILE = 'fix-roles.config.json';

export default class Init extends BaseCommand {
  static override summary =
    'Write a commented fix-roles.config.json to go on from, and say which of its names are in the databases.';
  static override description =
    'Reads only. Every setting stands in the file as a comment, with its default and what it means. Collections, table, ' +
    'fields and columns that are called otherwise are for you to set: it says what is there under each default name, and ' +
    'which names are nearest where nothing is. It chooses none of them.';
  static override examples = [
    '<%= config.bin %> init',
    '<%= config.bin %> init -o staging.config.json',
    '<%= config.bin %> init -o - | less',
  ];
  static override flags = {
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      default: FILE,
      description: 'write it to this new file; - is stdout',
    }),
    force: Flags.boolean({ description: 'replace the file if it exists' }),
    dotenv: connectionFlags.dotenv,
  };

  async run(): Promise<void> {
    const parsed = await this.parse(Init);
    const { flags } = parsed;
    const { output } = flags;
    // Before the databases are asked, so that an unusable name costs no time.
    const sink =
      output === '-'
        ? streamSink(process.stdout)
        : await openFileSink(output, flags.force ? 'replace' : 'refuse', 'the configuration');
    const findings = await this.look(flags.dotenv);
    try {
      await sink.write(Buffer.from(configStart()));
      await sink.commit();
    } catch (error) {
      await sink.discard();
      throw error;
    }
    this.tell(`What is there under the default names of the mapping:\n${nameChecksText(findings)}`);
    const config = output === FILE || output === '-' ? [] : ['--config', output];
    const given = [...config, ...connectingFlags(parsed)];
    const written = output === '-' ? '' : `Written to ${visibleText(output)}. `;
    this.tell(
      `${written}Set in it what is called otherwise here, then:\n` +
        `  ${commandLine('doctor', ...given)}\n  ${commandLine('plan', ...given, '-o', freeName('plan.json'))}`,
    );
  }

  private async look(envFile: string | undefined): Promise<NameCheck[]> {
    const configuration = await this.loadConnections(envFile);
    const { lookForNames } = await import('../steps/init.js');
    const observer = this.observerOf('Looking at');
    const { collections, tables, findings } = await this.interruptible((signal) =>
      lookForNames(configuration, { observer, signal }),
    );
    this.detail(`Looked at ${collections} collections and ${tables} tables`);
    return findings;
  }
}

import { Flags } from '@oclif/core';
import { nameFindings } from '../config/name-findings.js';
import { openFileSink } from '../files/file-sink.js';
import { streamSink } from '../files/sink.js';
import { DEFAULT_MAPPING } from '../model/mapping.js';
import type { NameFinding } from '../model/name-finding.js';
import { configStart } from '../views/config-start.js';
import { nameFindingsText } from '../views/name-findings.js';
import { commandLine } from '../views/next-command.js';
import { BaseCommand, connectionFlags } from '../cli/base-command.js';
import { EXIT } from '../cli/exit-codes.js';
import { interruptible } from '../cli/interruptible-reading.js';

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
    const { flags } = await this.parse(Init);
    const { output } = flags;
    // Before the databases are asked: a name that cannot be used costs no time.
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
    this.tell(`What is there under the default names of the mapping:\n${nameFindingsText(findings)}`);
    const config = output === FILE || output === '-' ? [] : ['--config', output];
    const written = output === '-' ? '' : `Written to ${output}. `;
    this.tell(
      `${written}Set in it what is called otherwise here, then:\n` +
        `  ${commandLine('doctor', ...config)}\n  ${commandLine('plan', ...config, '-o', 'plan.json')}`,
    );
  }

  private async look(envFile: string | undefined): Promise<NameFinding[]> {
    const configuration = await this.loadConnections(envFile);
    const [{ connectBoth }, { readCollectionNames, readTableNames }] = await Promise.all([
      import('../stores/connections.js'),
      import('../stores/names-there.js'),
    ]);
    const connections = await connectBoth(configuration, 'init', this.tellWait);
    const { mongo, postgres } = connections;
    const ending = await interruptible(connections, async () => {
      this.tell(
        `Looking at MongoDB ${mongo.address}, database ${configuration.mongo.database}, and ` +
          `PostgreSQL ${postgres.address}, database ${configuration.postgres.database}.`,
      );
      await this.tellConnections(connections);
      const [inMongo, inPostgres] = await Promise.all([
        readCollectionNames(mongo, DEFAULT_MAPPING),
        readTableNames(postgres, DEFAULT_MAPPING),
      ]);
      this.detail(`Looked at ${inMongo.names.length} collections and ${inPostgres.names.length} tables`);
      return nameFindings(inMongo, inPostgres);
    });
    return ending.kind === 'done' ? ending.result : this.exit(EXIT.interrupted);
  }
}

import { lstat } from 'node:fs/promises';
import { Command, Flags } from '@oclif/core';
import { sandboxUp, type RunningSandbox } from '../../sandbox/background.js';
import { exportLines, writeEnvironmentFile, type Topology } from '../../sandbox/environment.js';
import { defaultSandboxDirectory } from '../../sandbox/state-directory.js';

export default class SandboxUp extends Command {
  static override summary = 'Start throw-away databases with broken sample data in the background.';
  static override description =
    'Prints the variables that point fix-roles at them as shell commands. They listen on the loopback interface only ' +
    'and run until `fix-roles sandbox down`.';
  static override examples = [
    'eval "$(<%= config.bin %> sandbox up)"',
    '<%= config.bin %> sandbox up --write-env .env',
  ];
  static override enableJsonFlag = true;
  static override flags = {
    dir: Flags.string({
      helpValue: 'DIR',
      description: 'private directory for its state [default: ~/.cache/fix-roles/sandbox]',
    }),
    topology: Flags.custom<Topology>({ options: ['replicaSet', 'standalone'] })({
      description: 'what MongoDB announces itself as; a standalone has no transactions [default: replicaSet]',
    }),
    'write-env': Flags.string({
      helpValue: 'FILE',
      description: 'write the variables to a dotenv file instead',
    }),
    force: Flags.boolean({ description: 'replace the file if it exists', dependsOn: ['write-env'] }),
  };

  async run(): Promise<RunningSandbox> {
    const { flags } = await this.parse(SandboxUp);
    const file = flags['write-env'];
    if (file !== undefined && !flags.force && (await exists(file)))
      this.error(`${file} exists. Name another file, or use --force if it may be replaced.`, { exit: 1 });
    const sandbox = await sandboxUp({
      dir: flags.dir ?? defaultSandboxDirectory(),
      ...(flags.topology === undefined ? {} : { topology: flags.topology }),
    });
    this.logToStderr(
      `The sandbox ${sandbox.started ? 'is running' : 'was running already'} (process ${sandbox.pid}). ` +
        `Stop it with \`${this.config.bin} sandbox down\`.`,
    );
    if (file === undefined) for (const line of exportLines(sandbox.environment)) this.log(line);
    else {
      await writeEnvironmentFile(file, sandbox.environment, { force: flags.force });
      this.logToStderr(`Its variables are in ${file}.`);
    }
    return sandbox;
  }
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

import { lstat } from 'node:fs/promises';
import { Flags } from '@oclif/core';
import { sandboxUp, type RunningSandbox } from '../../sandbox/background.js';
import { exportLines, writeEnvironmentFile, type Topology } from '../../sandbox/environment.js';
import { defaultSandboxDirectory } from '../../sandbox/state-directory.js';
import { Failure } from '../../team/failure.js';
import { BaseCommand } from '../base-command.js';
import { withSandboxFailures } from './sandbox-failure.js';

export default class SandboxUp extends BaseCommand {
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
    // Before anything is started for nothing.
    if (file !== undefined && !flags.force && (await exists(file))) throw fileExists(file);
    const sandbox = await withSandboxFailures(() =>
      sandboxUp({
        dir: flags.dir ?? defaultSandboxDirectory(),
        ...(flags.topology === undefined ? {} : { topology: flags.topology }),
      }),
    );
    this.tell(
      `The sandbox ${sandbox.started ? 'is running' : 'was running already'} (process ${sandbox.pid}). ` +
        `Stop it with \`${this.config.bin} sandbox down\`.`,
    );
    if (file === undefined) for (const line of exportLines(sandbox.environment)) this.log(line);
    else {
      await withSandboxFailures(() =>
        writeEnvironmentFile(file, sandbox.environment, { force: flags.force }),
      );
      this.tell(`Its variables are in ${file}.`);
    }
    return sandbox;
  }
}

function fileExists(file: string): Failure {
  return new Failure('operational', {
    doing: `writing the environment to ${file}`,
    problem: 'the file exists',
    next: 'Name another file, or use --force if it may be replaced.',
  });
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}

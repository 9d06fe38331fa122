import { Flags } from '@oclif/core';
import { sandboxDown } from '../../sandbox/background.js';
import { defaultSandboxDirectory } from '../../sandbox/state-directory.js';
import { BaseCommand } from '../base-command.js';
import { withSandboxFailures } from './sandbox-failure.js';

export default class SandboxDown extends BaseCommand {
  static override summary = 'Stop the databases of `sandbox up` and remove everything that belongs to them.';
  static override examples = ['<%= config.bin %> sandbox down'];
  static override enableJsonFlag = true;
  static override flags = {
    dir: Flags.string({
      helpValue: 'DIR',
      description: 'the directory that was given to `sandbox up` [default: ~/.cache/fix-roles/sandbox]',
    }),
  };

  async run(): Promise<{ wasRunning: boolean }> {
    const { flags } = await this.parse(SandboxDown);
    const wasRunning = await withSandboxFailures(() =>
      sandboxDown({ dir: flags.dir ?? defaultSandboxDirectory() }),
    );
    this.tell(wasRunning ? 'The sandbox is stopped and removed.' : 'No sandbox is running.');
    return { wasRunning };
  }
}

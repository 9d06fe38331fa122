import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Flags } from '@oclif/core';
import type { Station } from '../../sandbox/demo/tour.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { Failure } from '../../team/failure.js';
import { commandLine } from '../../views/next-command.js';
import { terminalFor, wrapped, type Terminal } from '../../views/terminal.js';
import { BaseCommand } from '../base-command.js';
import { EXIT } from '../exit-codes.js';
import { ChildCommand } from './child-command.js';
import { enterOrLeave } from './enter-or-leave.js';
import { withSandboxFailures } from './sandbox-failure.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export default class SandboxDemo extends BaseCommand {
  static override summary = 'Watch broken roles being planned, shown, applied and found clean.';
  static override description =
    'A guided tour of about half a minute: starts a PostgreSQL and a MongoDB stand-in on free ports of this machine, ' +
    'fills them with sample data that is broken in every way there is a rule for, and runs the commands that one ' +
    'would run in earnest. Needs no configuration and leaves nothing behind.';
  static override examples = [
    '<%= config.bin %> sandbox demo',
    {
      description: 'Without waiting for Enter between the stations:',
      command: '<%= config.bin %> sandbox demo --no-pause',
    },
  ];
  static override flags = {
    pause: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'on a terminal, wait for Enter after each station',
    }),
  };

  private readonly interrupted = new AbortController();
  private running: ChildCommand | undefined;

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxDemo);
    const goOn = flags.pause && process.stdin.isTTY && process.stdout.isTTY ? 'at-enter' : 'at-once';
    const directory = mkdtempSync(join(tmpdir(), 'fix-roles-demo-'));
    const clearAway = (): void => {
      rmSync(directory, { recursive: true, force: true });
    };
    // Also where the terminal is closed in the middle of it.
    process.once('exit', clearAway);
    const interrupt = (): void => {
      this.running?.end(this.interrupted.signal.aborted ? 'SIGKILL' : 'SIGTERM');
      if (this.interrupted.signal.aborted) {
        // Asked twice. The embedded PostgreSQL ends with this process.
        clearAway();
        process.exit(EXIT.interrupted);
      }
      this.interrupted.abort();
      this.tell('Interrupted: the databases are being removed.');
    };
    for (const signal of SIGNALS) process.on(signal, interrupt);
    try {
      await withSandboxFailures(() => this.showAround(directory, goOn));
    } finally {
      for (const signal of SIGNALS) process.off(signal, interrupt);
      clearAway();
      process.off('exit', clearAway);
    }
    if (this.interrupted.signal.aborted) this.exit(EXIT.interrupted);
  }

  private async showAround(directory: string, goOn: 'at-enter' | 'at-once'): Promise<void> {
    const [{ startSandbox }, { tour }] = await Promise.all([
      import('../../sandbox/sandbox.js'),
      import('../../sandbox/demo/tour.js'),
    ]);
    const { isTTY, columns } = process.stdout;
    const terminal = terminalFor({ isTTY, columns, env: process.env });
    this.log(terminal.title('fix-roles: a tour'));
    this.say(
      terminal,
      'Team roles are kept twice, in MongoDB and in PostgreSQL, and have drifted apart: creators who lack their ' +
        'roles, members who hold too much, people who have left and still hold roles. Starting both databases ' +
        'with such data …',
    );
    const sandbox = await startSandbox();
    try {
      const stations = tour();
      for (const [index, station] of stations.entries()) {
        if (this.interrupted.signal.aborted) return;
        this.log(`\n${terminal.title(`${index + 1}/${stations.length}  ${station.title}`)}`);
        await this.visit(station, { sandbox, directory, terminal });
        const waits = goOn === 'at-enter' && index + 1 < stations.length && !this.interrupted.signal.aborted;
        if (waits && (await enterOrLeave()) === 'left') this.interrupted.abort();
      }
    } finally {
      await sandbox.stop();
    }
    if (this.interrupted.signal.aborted) return;
    this.log(`\n${terminal.title('Both databases are clean.')}`);
    this.say(terminal, 'They and the files of this tour are removed. To play with such databases yourself:');
    this.log(`  eval "$(${commandLine('sandbox', 'up')})"`);
  }

  private async visit(station: Station, { sandbox, directory, terminal }: Surroundings): Promise<void> {
    const { about, args, exitCode, inEarnest, meanwhile } = station;
    this.say(terminal, about);
    this.log(`\n$ ${commandLine(...args)}`);
    const undo = await meanwhile?.(sandbox);
    this.running = ChildCommand.start(join(this.config.root, 'bin', 'run.js'), args, {
      directory,
      environment: { ...sandbox.environment },
    });
    const ended = await this.running.ended;
    this.running = undefined;
    await undo?.();
    if (this.interrupted.signal.aborted) return;
    if (ended !== exitCode) {
      throw new Failure('operational', {
        doing: `running ${commandLine(...args)}`,
        problem: `it ended with ${ended ?? 'a signal'}, not with ${exitCode}`,
        next: 'Please report this with all that was printed.',
      });
    }
    this.log('');
    if (exitCode !== 0) this.say(terminal, `(It ended with exit code ${exitCode}, as it should.)`);
    this.say(terminal, `In earnest: ${inEarnest}`);
  }

  private say(terminal: Terminal, sentence: string): void {
    this.log(terminal.faint(wrapped(sentence, terminal.width, '  ').trimEnd()));
  }
}

interface Surroundings {
  readonly sandbox: Sandbox;
  readonly directory: string;
  readonly terminal: Terminal;
}

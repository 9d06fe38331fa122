import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Flags } from '@oclif/core';
import type { Station } from '../../sandbox/tour.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { Failure } from '../../model/failure.js';
import { commandLine } from '../../views/next-command.js';
import { wrapped, type Terminal } from '../../views/terminal.js';
import { BaseCommand } from '../../cli/base-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { ChildCommand } from '../../cli/child-command.js';
import { terminalOf } from '../../cli/output.js';
import { enterPressed } from '../../cli/terminal-input.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export default class SandboxDemo extends BaseCommand {
  static override summary = 'A guided tour: broken roles are planned, shown, applied and found clean.';
  static override description =
    'Starts a PostgreSQL and a MongoDB on free ports of this machine, fills them with sample data that is ' +
    'broken in every way there is a rule for, and runs the commands that one would run in earnest. On a terminal ' +
    'each of them waits for Enter; elsewhere it runs straight through. Needs no configuration and ' +
    'leaves nothing behind.';
  static override examples = ['<%= config.bin %> sandbox demo', '<%= config.bin %> sandbox demo --no-pause'];
  static override flags = {
    pause: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'on a terminal, wait for Enter before each command',
    }),
  };

  private readonly interrupted = new AbortController();
  private running: ChildCommand | undefined;

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxDemo);
    const directory = mkdtempSync(join(tmpdir(), 'fix-roles-demo-'));
    // Also where the terminal is gone and a message fails.
    process.once('exit', () => {
      rmSync(directory, { recursive: true, force: true });
    });
    const interrupt = (): void => {
      this.running?.end(this.interrupted.signal.aborted ? 'SIGKILL' : 'SIGTERM');
      // The second signal. The databases end with this process.
      if (this.interrupted.signal.aborted) process.exit(EXIT.interrupted);
      this.interrupted.abort();
      this.tell('\nInterrupted: the databases are being removed.');
    };
    for (const signal of SIGNALS) process.on(signal, interrupt);
    const pauses = flags.pause && process.stdin.isTTY && process.stdout.isTTY;
    // All the time, so that keys typed while a command runs do not run the next one.
    if (pauses) process.stdin.resume();
    try {
      await this.showAround(directory, pauses ? interrupt : 'without-pauses');
    } catch (error) {
      // An interruption makes the start of the databases fail.
      if (!this.interrupted.signal.aborted) throw error;
    } finally {
      for (const signal of SIGNALS) process.off(signal, interrupt);
      // A flowing input would keep the process alive.
      if (pauses) process.stdin.pause();
    }
    if (this.interrupted.signal.aborted) this.exit(EXIT.interrupted);
  }

  /** @param onEnd what Ctrl-D does in a pause, where there are any */
  private async showAround(directory: string, onEnd: (() => void) | 'without-pauses'): Promise<void> {
    const [{ startSandbox }, { IN_EARNEST, PEOPLE, tour }] = await Promise.all([
      import('../../sandbox/sandbox.js'),
      import('../../sandbox/tour.js'),
    ]);
    const terminal = terminalOf(process.stdout);
    this.log(terminal.title('fix-roles: a tour'));
    this.say(
      terminal,
      'Who may do what in a team is kept twice, in MongoDB and in PostgreSQL, and it has drifted apart. Two ' +
        'such databases are being started. One of the 53 teams in them, the Sailing School:',
    );
    for (const { id, name, trouble } of PEOPLE)
      this.log(`    …${id.slice(-2)}  ${name.padEnd(7)} ${trouble}`);
    if (onEnd !== 'without-pauses')
      this.say(terminal, 'Enter runs each command, once you have read it; Ctrl-C ends the tour.');
    const sandbox = await startSandbox({
      topology: 'replicaSet',
      say: (text) => {
        this.tell(text);
      },
      signal: this.interrupted.signal,
    });
    try {
      const stations = tour();
      for (const [index, station] of stations.entries()) {
        if (this.interrupted.signal.aborted) return;
        this.log(`\n${terminal.title(`${index + 1} of ${stations.length}  ${station.title}`)}`);
        await this.visit(station, { sandbox, directory, terminal, onEnd });
      }
    } finally {
      await sandbox.stop();
    }
    if (this.interrupted.signal.aborted) return;
    this.log(`\n${terminal.title('Both databases are clean.')}`);
    this.say(
      terminal,
      'They are removed now. In earnest, name your own in .env, as config.env.example explains:',
    );
    for (const [args, does] of IN_EARNEST)
      this.log(`    ${commandLine(...args).padEnd(37)}${terminal.faint(does)}`);
    this.say(terminal, `To play with databases like these: ${commandLine('sandbox', 'up')}`);
  }

  private async visit(
    station: Station,
    { sandbox, directory, terminal, onEnd }: Surroundings,
  ): Promise<void> {
    const { about, args, exitCode, look, meanwhile } = station;
    this.say(terminal, about);
    if (onEnd === 'without-pauses') this.log(`$ ${commandLine(...args)}`);
    else {
      process.stdout.write(`$ ${commandLine(...args)} ${terminal.faint('(Enter)')} `);
      if ((await enterPressed(process.stdin, this.interrupted.signal)) === 'ended') {
        if (!this.interrupted.signal.aborted) onEnd();
        return;
      }
    }
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
    this.say(terminal, look);
  }

  private say(terminal: Terminal, sentence: string): void {
    this.log(terminal.faint(wrapped(sentence, terminal.width, '  ').trimEnd()));
  }
}

interface Surroundings {
  readonly sandbox: Sandbox;
  readonly directory: string;
  readonly terminal: Terminal;
  readonly onEnd: (() => void) | 'without-pauses';
}

import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { Flags } from '@oclif/core';
import { openFileSink } from '../../files/file-sink.js';
import type { Topology } from '../../sandbox/embedded-mongo.js';
import type { Sandbox } from '../../sandbox/sandbox.js';
import { Failure } from '../../model/failure.js';
import { commandLine } from '../../views/next-command.js';
import { visibleText } from '../../views/safe-text.js';
import { BaseCommand } from '../../cli/base-command.js';
import { EXIT } from '../../cli/exit-codes.js';
import { freeName } from '../../cli/file-names.js';
import { namesDatabase } from '../../cli/child-command.js';

const FILE = 'sandbox.env';
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export default class SandboxUp extends BaseCommand {
  static override summary = 'Run throw-away databases with broken sample data until Ctrl-C.';
  static override description =
    'Starts a PostgreSQL and a MongoDB on free ports of the loopback interface, fills them with the sample data of the ' +
    `demo, and writes the variables that name them to ${FILE}, for --dotenv in another terminal. Ctrl-C ends both and ` +
    'removes them with that file.';
  static override examples = [
    '<%= config.bin %> sandbox up',
    `<%= config.bin %> plan --dotenv ${FILE} -o plan.json`,
    '<%= config.bin %> sandbox up --topology standalone -o standalone.env',
  ];
  static override flags = {
    output: Flags.string({
      char: 'o',
      helpValue: 'FILE',
      default: FILE,
      description: 'write the variables to a new file that only you can read',
    }),
    force: Flags.boolean({ description: 'replace the file if it exists' }),
    topology: Flags.custom<Topology>({ options: ['replicaSet', 'standalone'], default: 'replicaSet' })({
      description: 'how MongoDB runs; a standalone has no transactions',
    }),
  };

  async run(): Promise<void> {
    const { flags } = await this.parse(SandboxUp);
    // First, so that an unusable name starts nothing.
    const file = await openFileSink(flags.output, flags.force ? 'replace' : 'refuse', 'the variables');
    const { startSandbox } = await import('../../sandbox/sandbox.js');
    const interrupted = new AbortController();
    const interrupt = (): void => {
      // The second signal. The databases end with this process.
      if (interrupted.signal.aborted) process.exit(EXIT.interrupted);
      interrupted.abort();
      this.tell('\nThe databases are being removed.');
    };
    for (const signal of SIGNALS) process.on(signal, interrupt);
    try {
      const say = (text: string): void => {
        this.tell(text);
      };
      const sandbox = await startSandbox({ topology: flags.topology, say, signal: interrupted.signal });
      try {
        const text = variablesText(sandbox);
        await file.write(Buffer.from(text));
        await file.commit();
        removeAtExit(flags.output, text);
        this.explain(flags.output);
        await untilEither(sandbox.ended, interrupted.signal);
      } finally {
        await sandbox.stop();
      }
    } catch (error) {
      await file.discard();
      if (!interrupted.signal.aborted) throw error;
      this.endWith(EXIT.interrupted);
    } finally {
      for (const signal of SIGNALS) process.off(signal, interrupt);
    }
  }

  private explain(file: string): void {
    this.tell(
      `Both databases are running until Ctrl-C. In another terminal, in this folder:\n` +
        `  ${commandLine('plan', '--dotenv', file, '-o', freeName('plan.json'))}`,
    );
    const others = Object.keys(process.env).filter(namesDatabase);
    if (others.length > 0)
      this.tell(
        `${others.join(', ')} of this shell would win over ${visibleText(file)}: unset them where you use it.`,
      );
  }
}

/** No value holds a quote: addresses, names and a base64url password. */
function variablesText({ environment }: Sandbox): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
}

/** A file that names databases which are gone misleads. One with another text is somebody else's, and stays. */
function removeAtExit(file: string, text: string): void {
  process.once('exit', () => {
    try {
      if (readFileSync(file, 'utf8') === text) rmSync(file);
    } catch {
      // It is gone already.
    }
  });
}

/** @throws Failure (operational) where one of the databases ends before the signal comes */
async function untilEither(ended: Sandbox['ended'], signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  // Neither waiting for a signal nor a guardian keeps this process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    const gone = await Promise.race([ended, once(signal, 'abort').then(() => undefined)]);
    if (gone === undefined) return;
    throw new Failure('operational', {
      doing: 'running the sandbox',
      problem: `its ${gone} has ended by itself`,
      next: 'Start it again. What was in it is gone.',
    });
  } finally {
    clearInterval(alive);
  }
}

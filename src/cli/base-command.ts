import { join } from 'node:path';
import { Args, Command, Errors, Flags, type Interfaces } from '@oclif/core';
import type { Configuration, ConnectionConfiguration } from '../config/configuration.js';
import type { PlanSource, ReadingObserver } from '../files/source.js';
import type { Connections } from '../stores/connections.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { LockWait, Wait } from '../model/waiting.js';
import { NO_PROGRESS, readingProgress, type Activity, type Progress } from '../views/progress.js';
import { visibleText } from '../views/safe-text.js';
import { WAIT_WORDS, waitingText } from '../views/waiting-text.js';
import { nearest } from '../config/did-you-mean.js';
import { endingOf, parserProblem, sayEnding, usageFailure } from './error-report.js';
import type { ExitCode } from './exit-codes.js';
import { watchStdout } from './standard-output.js';

/** Parsed flags or arguments by name. */
type Values = Record<string, unknown>;

/** Flags of every command that connects to the databases. */
export const connectionFlags = {
  dotenv: Flags.string({
    // Its former name, which Node 20 takes for a flag of its own.
    aliases: ['env-file'],
    helpValue: 'FILE',
    helpGroup: 'configuration',
    description: 'the variables that name the databases [default: .env, where it exists]; real ones win',
  }),
  config: Flags.string({
    helpValue: 'FILE',
    helpGroup: 'configuration',
    description: 'mapping and policy [default: fix-roles.config.json, where it exists]',
  }),
};

const SAID_AGAIN_AFTER_MS = 60_000;

/** Flag of every command that shows progress: where stderr is a terminal, and stdout has no `--json`. */
export const progressFlags = {
  progress: Flags.boolean({ allowNo: true, default: true, description: 'show progress on stderr' }),
};

/** A file that is read; `-` is stdin. (oclif would otherwise take the *name* of a missing one from stdin.) */
export const fileArgument = (description: string): Interfaces.Arg<string> =>
  Args.string({ required: true, ignoreStdin: true, description });

/** The plan that such an argument names. `strict`: for `apply`, which reads only what nobody else could have put there. */
export function planSource(file: string, trust: 'strict' | 'any'): PlanSource {
  return file === '-' ? { kind: 'stdin', stream: process.stdin } : { kind: 'file', path: file, trust };
}

/**
 * What all commands have in common. A command parses, calls, renders and does nothing else:
 *
 * - the result goes to stdout (`log`, or returned where `enableJsonFlag` is set), everything else to stderr (`tell`);
 * - it ends by returning, with `endWith` for codes other than 0, or by throwing a `Failure`;
 * - a file in this folder is a command if its name has no hyphen (package.json, `oclif.commands.globPatterns`);
 * - drivers are loaded inside `run` (`await import('../stores/…')`), so that `--help` and `show` never load them.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    quiet: Flags.boolean({ char: 'q', description: 'say nothing on stderr but errors' }),
    verbose: Flags.boolean({
      exclusive: ['quiet'],
      description: 'say on stderr what is being done, and when: seconds since the start',
    }),
  };

  /** How far this command has come, for a person who looks at stderr and has not asked for silence. */
  protected progress: Progress = NO_PROGRESS;
  private readonly silentUntil = new Map<Wait, number>();
  private quiet = false;
  private verbose = false;
  private secrets: readonly string[] = [];

  protected override async init(): Promise<void> {
    watchStdout();
    await super.init();
  }

  /** A line for the person in front of the terminal, on stderr. */
  protected tell(text: string): void {
    if (this.quiet) return;
    this.progress.makeWay();
    process.stderr.write(`${text}\n`);
  }

  /** A line for whoever wants to know what takes how long (`--verbose`). It must hold no credential. */
  protected detail(text: string): void {
    if (!this.verbose) return;
    this.progress.makeWay();
    const seconds = (performance.now() / 1000).toFixed(3);
    process.stderr.write(`${seconds.padStart(8)} s  ${visibleText(text, 1_000)}\n`);
  }

  /** Sets the code that the process ends with once the command has returned. */
  protected endWith(code: ExitCode): void {
    process.exitCode = code;
  }

  /** Shows how much of a file was read. */
  protected reading(activity: Activity): ReadingObserver {
    return readingProgress(this.progress, activity);
  }

  /** What is known of both connections, for `--verbose`, and for everybody whether their facts may be old. */
  protected async tellConnections({ mongo, postgres }: Connections): Promise<void> {
    this.detailMongo(mongo);
    this.detail(`Connected: PostgreSQL ${postgres.address}`);
    if (mongo.role === 'secondary')
      this.tell(
        `MongoDB ${mongo.address} is a secondary, to which MONGODB_URI connects directly: what it shows may be old.`,
      );
    if (postgres.server.kind !== 'standby') return;
    const { askReplayLag, standbyNotice } = await import('../stores/postgres/server.js');
    this.tell(`PostgreSQL ${postgres.address}: ${standbyNotice(await postgres.read(askReplayLag))}.`);
  }

  /** What MongoDB is, for `--verbose`, and what of the connection string was left out. */
  protected detailMongo({ address, topology, replicaSet, overridden }: MongoConnection): void {
    this.detail(`Connected: MongoDB ${address}, ${topology}${replicaSet === null ? '' : ` ${replicaSet}`}`);
    if (overridden.length > 0)
      this.detail(`Not taken from MONGODB_URI, as this tool sets it itself: ${overridden.join(', ')}`);
  }

  /** Says what is waited for: once, and once more after every minute that the wait goes on. */
  protected readonly tellWait = (what: Wait): void => {
    const now = performance.now();
    if (now < (this.silentUntil.get(what) ?? 0)) return;
    this.silentUntil.set(what, now + SAID_AGAIN_AFTER_MS);
    this.tell(`Waiting: ${WAIT_WORDS[what]}`);
  };

  /** After an interruption, what is still waited for is said once more. */
  protected tellWaitsAgain(): void {
    this.silentUntil.clear();
  }

  /**
   * Reads and validates the whole configuration; opens nothing.
   *
   * @throws Failure (operational) that names everything that is wrong
   */
  protected async loadConfiguration(flags: {
    readonly dotenv: string | undefined;
    readonly config: string | undefined;
    readonly policy?: string | undefined;
  }): Promise<Configuration> {
    const { loadConfiguration, secretsOf } = await import('../config/configuration.js');
    const configuration = await loadConfiguration({
      directory: process.cwd(),
      environment: process.env,
      envFile: flags.dotenv,
      configFile: flags.config,
      policyFile: flags.policy,
      example: join(this.config.root, 'config.env.example'),
    });
    this.secrets = secretsOf(configuration);
    this.detailConfiguration(configuration);
    return { ...configuration, postgres: this.watched(configuration.postgres) };
  }

  /**
   * Reads and validates the variables that name the databases, and no configuration file; opens nothing.
   *
   * @throws Failure (operational) that names everything that is wrong
   */
  protected async loadConnections(envFile: string | undefined): Promise<ConnectionConfiguration> {
    const { loadConnections, secretsOf } = await import('../config/configuration.js');
    const connections = await loadConnections({
      directory: process.cwd(),
      environment: process.env,
      envFile,
      example: join(this.config.root, 'config.env.example'),
    });
    this.secrets = secretsOf(connections);
    this.detailConfiguration(connections);
    return { ...connections, postgres: this.watched(connections.postgres) };
  }

  /** Whoever has to wait is told for whom, once for each. */
  private watched<Settings extends object>(
    settings: Settings,
  ): Settings & { readonly onLockWait: (wait: LockWait) => void } {
    const told = new Set<string>();
    return {
      ...settings,
      onLockWait: (wait) => {
        const text = waitingText(wait);
        if (!told.has(text)) this.tell(text);
        told.add(text);
      },
    };
  }

  private detailConfiguration({ mongo, postgres }: ConnectionConfiguration): void {
    this.detail(
      `Configuration read: MongoDB database ${mongo.database}; PostgreSQL ${postgres.host}:${postgres.port}, ` +
        `database ${postgres.database}, user ${postgres.user}, sslmode ${postgres.ssl}`,
    );
  }

  protected override async parse<F extends Values, B extends Values, A extends Values>(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A>> {
    try {
      const parsed = await super.parse(options, argv);
      this.quiet = parsed.flags['quiet'] === true;
      this.verbose = parsed.flags['verbose'] === true;
      if (parsed.flags['progress'] === true) await this.showProgress();
      this.detail(`${this.config.bin}/${this.config.version}, Node ${process.version}`);
      return parsed;
    } catch (error) {
      if (!(error instanceof Errors.CLIError)) throw error;
      throw usageFailure(parserProblem(error.message), this.usageAdvice(error), error);
    }
  }

  private async showProgress(): Promise<void> {
    if (this.quiet || this.jsonEnabled() || !process.stderr.isTTY) return;
    const { terminalProgress } = await import('../views/terminal-progress.js');
    const progress = terminalProgress(process.stderr);
    this.progress = progress;
    // Somebody may stop the process at once.
    process.once('exit', () => {
      progress.stop();
    });
  }

  protected override catch(error: unknown): Promise<void> {
    this.progress.stop();
    const json = this.jsonEnabled();
    const ending = endingOf(error, { json, secrets: this.secrets, commands: [] });
    sayEnding(ending, json);
    process.exitCode = ending.exitCode;
    return Promise.resolve();
  }

  private usageAdvice(error: Errors.CLIError): string {
    const help = `See ${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')} --help.`;
    if (!('flags' in error) || !Array.isArray(error.flags)) return help;
    const known = Object.keys({ ...BaseCommand.baseFlags, ...this.ctor.flags });
    const meant = error.flags.flatMap((flag) => nearest(String(flag).replace(/^-+/, ''), known) ?? []);
    return meant.length === 0 ? help : `Did you mean ${meant.map((flag) => `--${flag}`).join(', ')}? ${help}`;
  }
}

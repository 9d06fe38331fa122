import { join } from 'node:path';
import { Command, Errors, Flags, type Interfaces } from '@oclif/core';
import type { Configuration, ConnectionConfiguration } from '../config/configuration.js';
import type { ReadingObserver } from '../files/source.js';
import type { ConnectedStores, StepObserver } from '../model/step-observer.js';
import type { LockWait, Wait } from '../model/waiting.js';
import { NO_PROGRESS, readingProgress, type Activity, type Progress } from '../views/progress.js';
import { shellWord } from '../views/next-command.js';
import { visibleText } from '../views/safe-text.js';
import { WAIT_WORDS, waitingText } from '../views/waiting-text.js';
import { nearest } from '../config/did-you-mean.js';
import { endingOf, parserProblem, sayEnding, unknownFlags, usageFailure } from './error-report.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { connectingFlags, type Given } from './flags.js';
import { adviceOnFlag, refuseSingleDash } from './other-words.js';
import { watchStdout, writeLine } from './output.js';

/** Parsed flags or arguments by name. */
type Values = Record<string, unknown>;

const SAID_AGAIN_AFTER_MS = 60_000;

/**
 * The base of all commands. A command parses, calls, renders and does nothing else:
 *
 * - the result goes to stdout (`log`, or returned where `enableJsonFlag` is set), everything else to stderr (`tell`);
 * - it ends by returning, with `endWith` for codes other than 0, or by throwing a `Failure`;
 * - a file in this folder is a command if its name has no hyphen (package.json, `oclif.commands.globPatterns`);
 * - steps are loaded inside `run` (`await import('../steps/…')`), so that `--help` and `show` never load a driver.
 */
export abstract class BaseCommand extends Command {
  static override baseFlags = {
    quiet: Flags.boolean({ char: 'q', description: 'say nothing on stderr but errors' }),
    verbose: Flags.boolean({
      exclusive: ['quiet'],
      description: 'say on stderr what is being done, and when: seconds since the start',
    }),
  };

  protected progress: Progress = NO_PROGRESS;
  private readonly silentUntil = new Map<Wait, number>();
  private readonly toldLockWaits = new Set<string>();
  private stores: ConnectedStores | undefined;
  private quiet = false;
  private verbose = false;
  private secrets: readonly string[] = [];
  /** The files that were named, as they are typed. */
  private files: Readonly<Record<string, string>> = {};

  protected override async init(): Promise<void> {
    watchStdout();
    await super.init();
  }

  /** A line for the person in front of the terminal, on stderr. */
  protected tell(text: string): void {
    if (this.quiet) return;
    this.progress.makeWay();
    writeLine(text);
  }

  /** A line with the time, under `--verbose`. It must hold no credential. */
  protected detail(text: string): void {
    if (!this.verbose) return;
    this.progress.makeWay();
    const seconds = (performance.now() / 1000).toFixed(3);
    writeLine(`${seconds.padStart(8)} s  ${visibleText(text, 1_000)}`);
  }

  /** Sets the code that the process ends with once the command has returned. */
  protected endWith(code: ExitCode): void {
    process.exitCode = code;
  }

  /** For the reading of a file. */
  protected reading(activity: Activity): ReadingObserver {
    return readingProgress(this.progress, activity);
  }

  /** Says what a step tells, as far as all commands say the same. */
  protected get observer(): StepObserver {
    const { progress } = this;
    return {
      onConnected: (stores) => {
        this.tellConnected(stores);
      },
      onWait: this.tellWait,
      onLockWait: this.tellLockWait,
      // Without these, the databases are not asked how much there is to do.
      ...(progress !== NO_PROGRESS && {
        onStage: (activity, total) => {
          progress.begin({ activity, unit: 'teams', total });
        },
        onTeam: progress.advance,
      }),
    };
  }

  /** The same, and names the databases. By then a signal interrupts, so that a person may react to the names. */
  protected observerOf(doing: 'Reading' | 'Looking at'): StepObserver {
    return {
      ...this.observer,
      onConnected: (stores) => {
        const { mongo, postgres } = stores;
        this.tell(
          `${doing} MongoDB ${mongo.address}, database ${mongo.database}, and ` +
            `PostgreSQL ${postgres?.address ?? ''}, database ${postgres?.database ?? ''}.`,
        );
        this.tellConnected(stores);
      },
    };
  }

  /** What an apply against the databases that answered needs: flags, and sentences. */
  protected applyNeeds(given: Given): {
    readonly flags: readonly string[];
    readonly notes: readonly string[];
  } {
    const mongo = this.stores?.mongo;
    const flags = mongo?.topology === 'standalone' ? ['--allow-no-transactions'] : [];
    const readOnly = mongo?.role === 'secondary' || (this.stores?.postgres?.standby ?? null) !== null;
    return {
      flags: [...flags, ...connectingFlags(given)],
      notes: readOnly ? ['apply has to connect to the primary servers, where it can write.'] : [],
    };
  }

  /** Details are for `--verbose`; that facts may be old is for everybody. */
  private tellConnected({ mongo, postgres }: ConnectedStores): void {
    this.stores = { mongo, postgres };
    const { address, topology, replicaSet, overridden } = mongo;
    this.detail(`Connected: MongoDB ${address}, ${topology}${replicaSet === null ? '' : ` ${replicaSet}`}`);
    if (overridden.length > 0)
      this.detail(`Not taken from MONGODB_URI, as this tool sets it itself: ${overridden.join(', ')}`);
    if (postgres === null) return;
    this.detail(`Connected: PostgreSQL ${postgres.address}`);
    if (mongo.role === 'secondary')
      this.tell(
        `MongoDB ${address} is a secondary, to which MONGODB_URI connects directly: what it shows may be old.`,
      );
    if (postgres.standby !== null) this.tell(`PostgreSQL ${postgres.address}: ${postgres.standby}.`);
  }

  /** Says what is waited for, and says it again after every minute. */
  protected readonly tellWait = (what: Wait): void => {
    const now = performance.now();
    if (now < (this.silentUntil.get(what) ?? 0)) return;
    this.silentUntil.set(what, now + SAID_AGAIN_AFTER_MS);
    this.tell(`Waiting: ${WAIT_WORDS[what]}`);
  };

  /** Says once of each lock that PostgreSQL waits for it. */
  protected readonly tellLockWait = (wait: LockWait): void => {
    const text = waitingText(wait);
    if (!this.toldLockWaits.has(text)) this.tell(text);
    this.toldLockWaits.add(text);
  };

  /** After an interruption, waits that go on are said once more. */
  protected tellWaitsAgain(): void {
    this.silentUntil.clear();
  }

  /**
   * Reads and validates the whole configuration; opens nothing.
   *
   * @throws Failure (operational) naming everything that is wrong
   */
  protected async loadConfiguration(flags: {
    readonly dotenv: string | undefined;
    readonly config: string | undefined;
    readonly policy?: string | undefined;
  }): Promise<Configuration> {
    const { loadConfiguration, secretsOf } = await import('../config/configuration.js');
    const configuration = await loadConfiguration({
      ...this.configurationSources(flags.dotenv),
      configFile: flags.config,
      policyFile: flags.policy,
    });
    this.secrets = secretsOf(configuration);
    this.detailConfiguration(configuration);
    return configuration;
  }

  /**
   * The same without the configuration file: only the variables that name the databases.
   *
   * @throws Failure (operational) naming everything that is wrong
   */
  protected async loadConnections(envFile: string | undefined): Promise<ConnectionConfiguration> {
    const { loadConnections, secretsOf } = await import('../config/configuration.js');
    const connections = await loadConnections(this.configurationSources(envFile));
    this.secrets = secretsOf(connections);
    this.detailConfiguration(connections);
    return connections;
  }

  private configurationSources(envFile: string | undefined) {
    const example = join(this.config.root, 'config.env.example');
    return { directory: process.cwd(), environment: process.env, envFile, example };
  }

  /** Work that only reads: SIGINT or SIGTERM ends it and the command; a second signal ends the process at once. */
  protected async interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const interruption = new AbortController();
    const interrupt = (): void => {
      interruption.abort();
    };
    process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
    try {
      return await work(interruption.signal);
    } catch (error) {
      if (!interruption.signal.aborted) throw error;
      return this.exit(EXIT.interrupted);
    } finally {
      process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
      this.progress.stop();
    }
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
    refuseSingleDash(this.argv, this.knownFlags());
    try {
      const parsed = await super.parse(options, argv);
      this.files = typedFiles(parsed.args);
      this.quiet = parsed.flags['quiet'] === true;
      this.verbose = parsed.flags['verbose'] === true;
      if (parsed.flags['progress'] === true) await this.showProgress();
      this.detail(`${this.config.bin}/${this.config.version}, Node ${process.version}`);
      return parsed;
    } catch (error) {
      if (!(error instanceof Errors.CLIError)) throw error;
      throw usageFailure(parserProblem(error), this.usageAdvice(error), error);
    }
  }

  private async showProgress(): Promise<void> {
    if (this.quiet || this.jsonEnabled() || !process.stderr.isTTY) return;
    const { terminalProgress } = await import('../views/terminal-progress.js');
    const progress = terminalProgress(process.stderr);
    this.progress = progress;
    // The process may be ended at once.
    process.once('exit', () => {
      progress.stop();
    });
  }

  protected override catch(error: unknown): Promise<void> {
    this.progress.stop();
    const json = this.jsonEnabled();
    const ending = endingOf(error, { json, secrets: this.secrets, files: this.files });
    sayEnding(ending, json);
    process.exitCode = ending.exitCode;
    return Promise.resolve();
  }

  protected usageAdvice(error: Errors.CLIError): string {
    const help = `See ${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')} --help.`;
    const known = this.knownFlags();
    const advice = unknownFlags(error).flatMap((flag) => {
      const meant = nearest(flag.replace(/^-+/, ''), known);
      const said = adviceOnFlag(flag, this.argv, known);
      return said ?? (meant === undefined ? [] : `Did you mean --${meant}?`);
    });
    return [...advice, help].join(' ');
  }

  private knownFlags(): string[] {
    const json = this.ctor.enableJsonFlag ? ['json'] : [];
    return [...Object.keys({ ...BaseCommand.baseFlags, ...this.ctor.flags }), ...json];
  }
}

/** By the name of the argument, in capitals; stdin has no name. */
function typedFiles(args: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(args).flatMap(([name, given]) => {
      const files = [given].flat().filter((file) => typeof file === 'string' && file !== '-');
      return files.length === 0
        ? []
        : [[name.toUpperCase(), files.map((file) => shellWord(String(file))).join(' ')]];
    }),
  );
}

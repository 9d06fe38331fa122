import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MongoClient, type Document } from 'mongodb';
import { until } from './until.js';

export type NodeRole = 'primary' | 'secondary' | 'arbiter' | 'other';

export const SET_NAME = 'rs0';
const START_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 15_000;

/** How the program is started, besides what every node needs. */
export interface NodeSettings {
  /** As `mongod --setParameter name=value`. */
  readonly parameters?: Readonly<Record<string, string | number>>;
  /** Further arguments of `mongod`: `--tlsMode`, … */
  readonly arguments?: readonly string[];
}

/** One `mongod` of a replica set. */
export class ReplicaSetNode {
  readonly port: number;
  readonly arbiter: boolean;
  readonly #program: string;
  readonly #folder: string;
  readonly #settings: NodeSettings;
  /** `user:password@` once there is a user, nothing before. */
  credentials = '';
  #process: ChildProcess | undefined;

  constructor(program: string, folder: string, port: number, arbiter: boolean, settings: NodeSettings) {
    this.#program = program;
    this.#folder = folder;
    this.port = port;
    this.arbiter = arbiter;
    this.#settings = settings;
  }

  /** `host:port` */
  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Connection string of this node alone, whatever its role is. */
  get directUri(): string {
    return `mongodb://${this.credentials}${this.address}/?directConnection=true`;
  }

  /** Whether its process is there, if only paused. */
  get running(): boolean {
    return this.#process !== undefined && !hasEnded(this.#process);
  }

  /** Starts the process, also once more after it was killed, and returns when it answers. */
  async start(): Promise<void> {
    const base = join(this.#folder, String(this.port));
    await mkdir(base, { recursive: true });
    const parameters = {
      // Fail points.
      enableTestCommands: 1,
      diagnosticDataCollectionEnabled: 'false',
      ...this.#settings.parameters,
    };
    const child = spawn(
      this.#program,
      [
        ...['--replSet', SET_NAME, '--bind_ip', '127.0.0.1', '--port', String(this.port)],
        ...['--dbpath', base, '--logpath', `${base}.log`, '--logappend'],
        ...['--quiet', '--nounixsocket', '--wiredTigerCacheSizeGB', '0.25', '--oplogSize', '64'],
        ...Object.entries(parameters).flatMap(([name, value]) => ['--setParameter', `${name}=${value}`]),
        ...(this.#settings.arguments ?? []),
      ],
      // A group of its own: the Ctrl-C of a terminal is for the tests, not for their servers.
      { stdio: 'ignore', detached: true },
    );
    this.#process = child;
    child.once('error', () => undefined);
    // At once: what the watchdog does not know would outlive this process.
    writeFileSync(pidFile(base), String(child.pid ?? ''));
    await until(`an answer of mongod on port ${this.port}`, START_LIMIT_MS, async () => {
      if (hasEnded(child)) throw new Error(`mongod ended early:\n${await lastWords(`${base}.log`)}`);
      return this.admin({ ping: 1 }).catch(() => undefined);
    });
  }

  /** Ends the process with SIGKILL, as a crash of the machine would, and returns once it is gone. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    // Its number may soon be another process's, which the watchdog must not end.
    await rm(pidFile(join(this.#folder, String(this.port))), { force: true });
  }

  /** Stops the process (SIGSTOP): its connections stay open, and nobody answers. */
  pause(): void {
    this.#process?.kill('SIGSTOP');
  }

  resume(): void {
    this.#process?.kill('SIGCONT');
  }

  /** Runs a command on this node alone, against `admin`. */
  async admin(command: Document): Promise<Document> {
    const client = new MongoClient(this.directUri, {
      serverSelectionTimeoutMS: ANSWER_LIMIT_MS,
      connectTimeoutMS: ANSWER_LIMIT_MS,
      socketTimeoutMS: ANSWER_LIMIT_MS,
    });
    try {
      return await client.db('admin').command(command, { readPreference: 'primaryPreferred' });
    } finally {
      await client.close();
    }
  }

  /** Sets a fail point of the server (`failCommand`, `stopReplProducer`, …), or takes it back with `off`. */
  async failPoint(
    name: string,
    mode: 'alwaysOn' | 'off' | { readonly times: number } | { readonly skip: number },
    data?: Document,
  ): Promise<void> {
    await this.admin({ configureFailPoint: name, mode, ...(data === undefined ? {} : { data }) });
  }

  /** `other`: not decided yet, rolling back, or not running. */
  async role(): Promise<NodeRole> {
    const child = this.#process;
    if (child === undefined || hasEnded(child) || (await this.#isPaused(child))) return 'other';
    const hello = await this.admin({ hello: 1 }).catch((): Document => ({}));
    if (hello['isWritablePrimary'] === true) return 'primary';
    if (hello['secondary'] === true) return 'secondary';
    return hello['arbiterOnly'] === true ? 'arbiter' : 'other';
  }

  /** Whoever is paused would be waited for in vain. */
  async #isPaused({ pid }: ChildProcess): Promise<boolean> {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    return /\) T /.test(stat);
  }
}

function pidFile(base: string): string {
  return `${base}.pid`;
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => 'it wrote no log');
  return text.trimEnd().split('\n').slice(-5).join('\n');
}

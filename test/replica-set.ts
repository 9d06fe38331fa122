import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import { freePort } from '../src/sandbox/guarded-program.js';
import { obtainMongod } from '../src/sandbox/mongod/obtain.js';
import { ReplicaSetNode, SET_NAME, type NodeRole, type NodeSettings } from './replica-set-node.js';
import { until } from './until.js';
import { Watchdog } from './watchdog.js';

/** Data nodes, or a primary and a secondary with an arbiter. */
export type Members = 1 | 3 | 'with-arbiter';

export interface ReplicaSetOptions extends NodeSettings {
  readonly members: Members;
  /** Milliseconds without a primary after which the others elect one; MongoDB's own default where it is not given. */
  readonly electionTimeoutMs?: number;
  /** Whether whoever connects has to log in; `uri` then names a user who may do everything. */
  readonly access?: 'open' | 'password';
}

/** Longest waits; on two cores that others share. */
const START_LIMIT_MS = 60_000;
const ROLE_LIMIT_MS = 90_000;
const FIND_LIMIT_MS = 15_000;

/** A genuine MongoDB replica set on free ports of the loopback interface, whose nodes can be killed, paused and made to fail. */
export class ReplicaSet {
  readonly nodes: readonly ReplicaSetNode[];
  readonly #watchdog: Watchdog;

  private constructor(nodes: readonly ReplicaSetNode[], watchdog: Watchdog) {
    this.nodes = nodes;
    this.#watchdog = watchdog;
  }

  /** Connection string of the whole set, without a database. */
  get uri(): string {
    const data = this.nodes.filter(({ arbiter }) => !arbiter);
    return `mongodb://${data[0]?.credentials ?? ''}${data.map(({ address }) => address).join()}/?replicaSet=${SET_NAME}`;
  }

  /**
   * Starts a set and returns once it takes writes and every member has its role. Its first node is the primary.
   *
   * @param binary the program `mongod`; the one that this machine has where it is not given
   */
  static async start(options: ReplicaSetOptions, binary?: string): Promise<ReplicaSet> {
    const folder = await mkdtemp(join(tmpdir(), 'fix-roles-replica-set-'));
    const watchdog = new Watchdog(END_SERVERS, [folder]);
    try {
      const place = { directory: folder, stop: new AbortController().signal, say: () => undefined };
      const program = binary ?? (await obtainMongod(place));
      const settings = options.access === 'password' ? withKeyFile(options, folder) : options;
      const count = options.members === 1 ? 1 : 3;
      const nodes: ReplicaSetNode[] = [];
      for (let i = 0; i < count; i++) {
        const port = await lastingPort(nodes.map((node) => node.port));
        const arbiter = options.members === 'with-arbiter' && i === 2;
        nodes.push(new ReplicaSetNode(program, folder, port, arbiter, settings));
      }
      const set = new ReplicaSet(nodes, watchdog);
      await Promise.all(nodes.map((node) => node.start()));
      await set.#initiate(options);
      return set;
    } catch (error) {
      await watchdog.end();
      throw error;
    }
  }

  /** The node that is the primary now, or becomes it in time. */
  async primary(): Promise<ReplicaSetNode> {
    return until('a primary', ROLE_LIMIT_MS, async () => {
      const roles = await this.#roles();
      return this.nodes[roles.indexOf('primary')];
    });
  }

  /** Those that are secondaries now. */
  async secondaries(): Promise<ReplicaSetNode[]> {
    const roles = await this.#roles();
    return this.nodes.filter((_, i) => roles[i] === 'secondary');
  }

  /** Keeps the secondaries from copying anything: no write is confirmed by a majority any more. */
  async stopReplication(): Promise<void> {
    await Promise.all(
      (await this.secondaries()).map((node) => node.failPoint('stopReplProducer', 'alwaysOn')),
    );
    // What a secondary has already asked for still comes.
    await until('replication to stand still', FIND_LIMIT_MS, async () => {
      const confirmed = await this.#write(500).then(
        () => true,
        () => false,
      );
      return confirmed ? undefined : true;
    });
  }

  /** Of those that run: what was killed has forgotten that it was to stop. */
  async resumeReplication(): Promise<void> {
    const data = this.nodes.filter(({ arbiter, running }) => !arbiter && running);
    await Promise.all(data.map((node) => node.failPoint('stopReplProducer', 'off')));
  }

  /** Makes the primary hand over to another, which takes about a second, and returns the new one. */
  async stepDown(): Promise<ReplicaSetNode> {
    const former = await this.primary();
    await former.admin({ replSetStepDown: 10, secondaryCatchUpPeriodSecs: 5 });
    return until('another primary', ROLE_LIMIT_MS, async () => {
      const now = await this.primary();
      return now === former ? undefined : now;
    });
  }

  /** Leaves the set without a primary, though all members answer: until `elect`, and for two minutes at most. */
  async depose(): Promise<void> {
    const primary = await this.primary();
    for (const secondary of await this.secondaries()) await secondary.admin({ replSetFreeze: 120 });
    await primary.admin({ replSetStepDown: 120, force: true });
  }

  /** Lets the set have a primary again. */
  async elect(): Promise<void> {
    const candidates = await this.secondaries();
    for (const candidate of candidates) await candidate.admin({ replSetFreeze: 0 });
    await until('a primary', ROLE_LIMIT_MS, async () => {
      if ((await this.#roles()).includes('primary')) return true;
      await candidates[0]?.admin({ replSetStepUp: 1 }).catch(() => undefined);
      return undefined;
    });
  }

  /** Ends all processes at once, paused ones as well, and removes their data. Safe to call twice. */
  stop(): Promise<void> {
    return this.#watchdog.end();
  }

  /** Waits until every member has its role, as after a failover or a restart, and a majority confirms a write. */
  async settled(): Promise<void> {
    await until('every member in its role', ROLE_LIMIT_MS, async () => {
      const roles = await this.#roles();
      return (roles.includes('primary') && !roles.includes('other')) || undefined;
    });
    await this.#write(ROLE_LIMIT_MS);
  }

  /** @throws MongoError unless a majority confirms the write within so many milliseconds */
  async #write(wtimeoutMS: number): Promise<void> {
    const client = new MongoClient(this.uri, { serverSelectionTimeoutMS: FIND_LIMIT_MS });
    try {
      await client
        .db('admin')
        .collection('settled')
        .insertOne({}, { writeConcern: { w: 'majority', wtimeoutMS } });
    } finally {
      await client.close();
    }
  }

  #roles(): Promise<NodeRole[]> {
    return Promise.all(this.nodes.map((node) => node.role()));
  }

  async #initiate({ electionTimeoutMs, access }: ReplicaSetOptions): Promise<void> {
    const [first] = this.nodes;
    const members = this.nodes.map(({ address, arbiter }, i) => ({
      _id: i,
      host: address,
      ...(arbiter ? { arbiterOnly: true } : {}),
    }));
    const settings = electionTimeoutMs === undefined ? {} : { electionTimeoutMillis: electionTimeoutMs };
    await first?.admin({ replSetInitiate: { _id: SET_NAME, members, settings } });
    await until('the first copies of the data', START_LIMIT_MS, async () => {
      const roles = await this.#roles();
      return !roles.includes('other') || undefined;
    });
    // By itself it would become the primary only after the time that an election waits for.
    await until('the first primary', START_LIMIT_MS, async () => {
      if ((await first?.role()) === 'primary') return true;
      await first?.admin({ replSetStepUp: 1 }).catch(() => undefined);
      return undefined;
    });
    if (access === 'password') await this.#createUser();
    await this.settled();
  }

  /** The first user can be made without being one, from this machine. */
  async #createUser(): Promise<void> {
    const password = randomBytes(12).toString('hex');
    await this.nodes[0]?.admin({ createUser: 'root', pwd: password, roles: ['root'] });
    for (const node of this.nodes) node.credentials = `root:${password}@`;
  }
}

/** Members that know a secret of their own have everybody log in. */
function withKeyFile(settings: NodeSettings, folder: string): NodeSettings {
  const file = join(folder, 'key');
  writeFileSync(file, randomBytes(96).toString('base64'), { mode: 0o400 });
  return { ...settings, arguments: ['--keyFile', file, ...(settings.arguments ?? [])] };
}

/** For the watchdog of a folder: ends the servers in it and removes their data. */
const END_SERVERS =
  'for f in "$1"/*.pid; do [ -f "$f" ] && kill -9 "$(cat "$f")"; done; ' +
  'for _ in 1 2 3 4 5; do rm -rf "$1" && exit; sleep 0.2; done';

/** Below those that the system gives to outgoing connections: a server that was killed must find its port free again. */
export function lastingPort(taken: readonly number[] = []): Promise<number> {
  return until('a free port', FIND_LIMIT_MS, async () => {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    return taken.includes(port) ? undefined : freePort(port).catch(() => undefined);
  });
}

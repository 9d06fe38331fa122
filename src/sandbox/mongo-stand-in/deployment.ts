import { Catalog } from './catalog.js';
import { ClusterClock, secondsBefore } from './cluster-clock.js';
import { CommandError } from './errors.js';
import { Cursors } from './cursors.js';
import { type Session, Sessions } from './session.js';

/** How far back snapshot reads can go. */
const HISTORY_SECONDS = 300;
const SWEEP_MS = 500;

export type Topology = 'replicaSet' | 'standalone';

/** Everything one stand-in holds, from the data to the open cursors. */
export class Deployment {
  readonly topology: Topology;
  readonly startedAt = Date.now();
  readonly clock = new ClusterClock();
  readonly catalog = new Catalog();
  readonly sessions = new Sessions();
  readonly cursors = new Cursors();
  readonly parameters = { transactionLifetimeLimitSeconds: 60 };
  readonly connections = { current: 0, totalCreated: 0 };
  /** host:port, as clients reach it. */
  address = '';
  readonly #stopper = new AbortController();
  readonly #sweeper: NodeJS.Timeout;

  constructor(topology: Topology) {
    this.topology = topology;
    this.#sweeper = setInterval(() => {
      this.#sweep();
    }, SWEEP_MS);
  }

  get stopped(): AbortSignal {
    return this.#stopper.signal;
  }

  /** The oldest moment that can still be read. */
  get horizon(): number {
    return secondsBefore(this.clock.now(), HISTORY_SECONDS);
  }

  killSession(session: Session): void {
    this.sessions.kill(session);
    this.cursors.killWhere((cursor) => cursor.session === session);
  }

  stop(): void {
    clearInterval(this.#sweeper);
    this.#stopper.abort(new CommandError(91, 'the stand-in is stopping'));
  }

  #sweep(): void {
    this.sessions.sweep(this.parameters.transactionLifetimeLimitSeconds * 1000);
    this.cursors.sweep();
    this.catalog.prune(this.horizon);
  }
}

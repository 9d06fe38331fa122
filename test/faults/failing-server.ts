import type { Document } from 'mongodb';
import type { ReplicaSetNode } from '../replica-set-node.js';
import { ReplicaSet } from '../replica-set.js';
import { until } from '../until.js';
import type { ServerCode } from './server-codes.js';

export type Command = 'aggregate' | 'commitTransaction' | 'delete' | 'find' | 'getMore' | 'insert' | 'update';

/**
 * What a server does about a command: it refuses it with an error; it does it, and says that the majority may not have
 * it; it closes the connection instead; or it lets it wait until whoever sent it has given up.
 */
export type Answer =
  | { readonly kind: 'error'; readonly code: ServerCode; readonly labels: readonly string[] }
  | { readonly kind: 'write-concern-error'; readonly code: ServerCode }
  | { readonly kind: 'closed' }
  | { readonly kind: 'late'; readonly delayMs: number };

export type Lasts = 'once' | 'lasting';

const QUIET_LIMIT_MS = 30_000;
const ASK_AGAIN_AFTER_MS = 10;

/** A replica set of one node, which fails commands of the product as it is told to, with the server's own fail point. */
export class FailingServer {
  readonly #set: ReplicaSet;
  readonly #node: ReplicaSetNode;
  #struckBefore = 0;

  private constructor(set: ReplicaSet, node: ReplicaSetNode) {
    this.#set = set;
    this.#node = node;
  }

  static async start(): Promise<FailingServer> {
    const set = await ReplicaSet.start({ members: 1 });
    return new FailingServer(set, await set.primary());
  }

  get uri(): string {
    return this.#set.uri;
  }

  /** @param purpose of the connections whose commands fail; the suite's own never do */
  async arm(command: Command, answer: Answer, lasts: Lasts, purpose: 'apply' | 'plan'): Promise<void> {
    const data = { failCommands: [command], appName: `fix-roles ${purpose}`, ...dataOf(answer) };
    this.#struckBefore = await this.#configure(lasts === 'once' ? { times: 1 } : 'alwaysOn', data);
  }

  /** Waits until everything that was late is done. @returns how often the fault has struck */
  async disarm(): Promise<number> {
    const struck = (await this.#configure('off')) - this.#struckBefore;
    const ops = { currentOp: 1, active: true, appName: { $regex: '^fix-roles ' } };
    const isQuiet = async (): Promise<true | undefined> => {
      const { inprog } = await this.#node.admin(ops);
      return Array.isArray(inprog) && inprog.length === 0 ? true : undefined;
    };
    await until(
      'the server to be done with a run that has ended',
      QUIET_LIMIT_MS,
      isQuiet,
      ASK_AGAIN_AFTER_MS,
    );
    return struck;
  }

  stop(): Promise<void> {
    return this.#set.stop();
  }

  /** @returns how often the fail point has struck since the server was started */
  async #configure(mode: Document | 'alwaysOn' | 'off', data?: Document): Promise<number> {
    const { count } = await this.#node.admin({
      configureFailPoint: 'failCommand',
      mode,
      ...(data && { data }),
    });
    return Number(count);
  }
}

function dataOf(answer: Answer): Document {
  switch (answer.kind) {
    case 'error':
      return { errorCode: answer.code.code, errorLabels: answer.labels };
    case 'write-concern-error':
      return {
        writeConcernError: { code: answer.code.code, codeName: answer.code.name, errmsg: 'by the suite' },
      };
    case 'closed':
      return { closeConnection: true };
    case 'late':
      return { blockConnection: true, blockTimeMS: answer.delayMs };
  }
}

export function answerText(answer: Answer): string {
  switch (answer.kind) {
    case 'error': {
      const labels = answer.labels.length === 0 ? 'no label' : answer.labels.join();
      return `refused with ${answer.code.code} ${answer.code.name}, ${labels}`;
    }
    case 'write-concern-error':
      return `done, with write concern error ${answer.code.code} ${answer.code.name}`;
    case 'closed':
      return 'answered by closing the connection';
    case 'late':
      return 'answered too late';
  }
}

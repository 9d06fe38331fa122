import { BSON } from 'mongodb';
import type { Phase, WireReader } from './wire-reader.js';

const OP_MSG = 2013;
const WRITES = new Set(['insert', 'update', 'delete']);

/** MongoDB's wire protocol, without compression. */
export class MongoWire implements WireReader {
  readonly #history: MongoTraffic;
  readonly #commits = new Set<number>();

  /** @param history of all connections of a run */
  constructor(history: MongoTraffic) {
    this.#history = history;
  }

  lengthOf(_from: 'client' | 'server', bytes: Buffer): number | null {
    return bytes.length < 4 ? null : bytes.readInt32LE(0);
  }

  phaseOf(from: 'client' | 'server', message: Buffer): Phase | null {
    if (from === 'server') return this.#commits.delete(message.readInt32LE(8)) ? 'commit reply' : null;
    // Older commands than OP_MSG are only used to say hello.
    if (message.readInt32LE(12) !== OP_MSG) return 'connect';
    const command = BSON.deserialize(message.subarray(21, 21 + message.readInt32LE(21)));
    const [name = ''] = Object.keys(command);
    if (name === 'commitTransaction') {
      this.#commits.add(message.readInt32LE(4));
      this.#history.committed = true;
      return 'commit request';
    }
    if ('client' in command) return 'connect';
    if (WRITES.has(name)) return 'write';
    // A team is read by one statement, or by a find a collection.
    if ('txnNumber' in command) return name === 'find' || name === 'aggregate' ? 'read' : null;
    if (name !== 'find') return null;
    return this.#history.committed ? 'read-back' : 'survey';
  }
}

/** What was seen of a run so far. */
export interface MongoTraffic {
  committed: boolean;
}

import { BSON } from 'mongodb';
import type { Phase, WireReader } from './wire-reader.js';

const OP_MSG = 2013;

/** MongoDB's wire protocol, without compression: what the server itself cannot be made to fail (see `failing-commands`). */
export class MongoWire implements WireReader {
  readonly #commits = new Set<number>();

  lengthOf(_from: 'client' | 'server', bytes: Buffer): number | null {
    return bytes.length < 4 ? null : bytes.readInt32LE(0);
  }

  phaseOf(from: 'client' | 'server', message: Buffer): Phase | null {
    if (from === 'server') return this.#commits.delete(message.readInt32LE(8)) ? 'commit reply' : null;
    // Older commands than OP_MSG are only used to say hello.
    if (message.readInt32LE(12) !== OP_MSG) return 'connect';
    const command = BSON.deserialize(message.subarray(21, 21 + message.readInt32LE(21)));
    if ('commitTransaction' in command) this.#commits.add(message.readInt32LE(4));
    return 'client' in command ? 'connect' : null;
  }
}

import { BSON } from 'mongodb';

/** What a client is about to do, or a server to confirm, as far as it can be told from a message on the wire. */
export type Phase =
  | 'connect'
  | 'connect as worker'
  | 'description'
  | 'lock'
  | 'survey'
  | 'read'
  | 'write'
  | 'commit request'
  | 'commit reply'
  | 'read-back';

/** Understands one connection's traffic: where messages end, and what they are. */
export interface WireReader {
  /** The length of the first message in these bytes; null if more bytes are needed to tell. */
  lengthOf(from: 'client' | 'server', bytes: Buffer): number | null;
  /** What a whole message is; null for everything else. */
  phaseOf(from: 'client' | 'server', message: Buffer): Phase | null;
}

const OP_MSG = 2013;

/** MongoDB's wire protocol, without compression: what the server itself cannot be made to fail (see `server-errors`). */
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

const TABLE = '"public"."postgres_user_roles"';

/** PostgreSQL's protocol 3.0 without TLS. */
export class PostgresWire implements WireReader {
  #started = false;
  #applicationName = '';

  lengthOf(from: 'client' | 'server', bytes: Buffer): number | null {
    // The first message of a client has no type before its length.
    if (from === 'client' && !this.#started) return bytes.length < 4 ? null : bytes.readInt32BE(0);
    return bytes.length < 5 ? null : 1 + bytes.readInt32BE(1);
  }

  phaseOf(from: 'client' | 'server', message: Buffer): Phase | null {
    if (from === 'server') return isCommitted(message) ? 'commit reply' : null;
    if (!this.#started) {
      this.#started = true;
      const parameters = message.toString('latin1', 8).split('\0');
      this.#applicationName = parameters[parameters.indexOf('application_name') + 1] ?? '';
      return this.#applicationName === 'fix-roles apply suite@faults' ? 'connect as worker' : 'connect';
    }
    const statement = statementOf(message);
    return statement === null ? null : this.#phaseOfStatement(statement);
  }

  #phaseOfStatement(statement: string): Phase | null {
    if (statement.trim() === 'COMMIT') return 'commit request';
    if (statement.includes('pg_advisory_lock')) return 'lock';
    if (statement.includes('pg_attribute')) return 'description';
    if (!statement.includes(TABLE)) return null;
    if (statement.includes('FOR UPDATE')) return 'read';
    if (/^\s*(INSERT|UPDATE|DELETE)\b/.test(statement)) return 'write';
    if (this.#applicationName.includes('reading back')) return 'read-back';
    return this.#applicationName.includes('(reading)') ? 'survey' : null;
  }
}

/** The text of a simple query, or of one to be parsed. */
function statementOf(message: Buffer): string | null {
  const type = String.fromCharCode(message[0] ?? 0);
  const texts = message.toString('utf8', 5).split('\0');
  if (type === 'Q') return texts[0] ?? null;
  return type === 'P' ? (texts[1] ?? null) : null;
}

function isCommitted(message: Buffer): boolean {
  return message[0] === 'C'.charCodeAt(0) && message.toString('latin1', 5) === 'COMMIT\0';
}

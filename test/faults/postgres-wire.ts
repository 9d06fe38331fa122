import type { Phase, WireReader } from './wire-reader.js';

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

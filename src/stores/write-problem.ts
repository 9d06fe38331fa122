import { MongoServerError } from 'mongodb';
import pg from 'pg';
import { hinderingParameter } from './mongo/parameters.js';
import { isDenial } from './probe.js';
import { withoutEcho } from './server-words.js';
import { validationComplaints } from './mongo/validation-complaints.js';

/** Why a team could not be written, and what to do where that can be told. */
export function writeProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = withoutEcho(error.message);
  const parameter = hinderingParameter(error);
  if (parameter !== undefined) return `${message}; ${parameter} in MONGODB_URI stands in the way`;
  if (isDenial(error)) return `${message}; fix-roles doctor prints the statement that grants what is missing`;
  if (error instanceof pg.DatabaseError) return postgresProblem(error);
  if (error instanceof MongoServerError) {
    const complaints = validationComplaints(errInfoOf(error));
    if (complaints.length > 0) {
      return `${message}: ${complaints.join('; ')}. The validator of the collection wants it so; change it, or have an owner allow documents like the application's own`;
    }
  }
  return message;
}

function postgresProblem(error: pg.DatabaseError): string {
  const { message, code = '', where, constraint, detail } = error;
  // Raised in PL/pgSQL: by a trigger of the table, for we call nothing of the kind.
  if (code.startsWith('P0')) {
    const [place] = where?.split('\n') ?? [];
    return `${message} (raised by the database: ${place ?? 'it does not say where'}); what its trigger asks for has to be seen to first`;
  }
  const name = constraint === undefined || message.includes(constraint) ? '' : ` (${constraint})`;
  // Of the others, the detail is the whole row, which is nobody's business here.
  const key = detail?.startsWith('Key ') === true ? `: ${detail}` : '';
  return `${message}${name}${key}`;
}

/** What a validator says of the document: with the error of one write, or of the first of several. */
function errInfoOf(error: MongoServerError): unknown {
  if (error.errInfo !== undefined) return error.errInfo;
  const first: unknown =
    'writeErrors' in error && Array.isArray(error.writeErrors) ? error.writeErrors[0] : undefined;
  return typeof first === 'object' && first !== null && 'errInfo' in first ? first.errInfo : undefined;
}

/** A statement changed another number of rows than were judged to need it: somebody else was faster. */
export class WriteMismatch extends Error {
  constructor(store: string, op: string, expected: number, changed: number) {
    super(`${store} ${op}: ${expected} rows expected, ${changed} changed`);
    this.name = 'WriteMismatch';
  }
}

/**
 * What was written would do something else, or more, than the plan says: the table's own triggers, rules or neighbours
 * see to that, and would do so again.
 */
export class UnplannedEffect extends Error {
  constructor(problem: string, options?: { readonly cause: unknown }) {
    super(problem, options);
    this.name = 'UnplannedEffect';
  }
}

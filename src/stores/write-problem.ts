import { MongoServerError } from 'mongodb';
import pg from 'pg';
import { hinderingParameter } from './mongo/parameters.js';
import { isDenial, withoutEcho } from './server-error.js';
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

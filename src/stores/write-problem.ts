import pg from 'pg';
import { hinderingParameter } from './mongo-parameters.js';
import { isDenial } from './probe.js';
import { withoutEcho } from './server-words.js';

/** Why a team could not be written, and what to do where that can be told. */
export function writeProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = withoutEcho(error.message);
  const parameter = hinderingParameter(error);
  if (parameter !== undefined) return `${message}; ${parameter} in MONGODB_URI stands in the way`;
  if (isDenial(error)) return `${message}; fix-roles doctor prints the statement that grants what is missing`;
  // Raised in PL/pgSQL: by a trigger of the table, for we call nothing of the kind.
  if (error instanceof pg.DatabaseError && error.code?.startsWith('P0') === true) {
    const [where] = error.where?.split('\n') ?? [];
    return `${message} (raised by the database: ${where ?? 'it does not say where'}); what its trigger asks for has to be seen to first`;
  }
  return message;
}

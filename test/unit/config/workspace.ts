import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfiguration, type Configuration } from '../../../src/config/configuration.js';
import { failureOf } from '../../failure.js';
import { ownFolder } from '../../own-folder.js';

/** Variables with which everything is well. */
export const GOOD: Readonly<Record<string, string>> = {
  MONGODB_URI: 'mongodb://reader:secret@mongo.example:27017/?replicaSet=rs0',
  DB_NAME: 'teams',
  POSTGRES_HOST: 'db.example',
  POSTGRES_DB: 'roles',
  POSTGRES_USER: 'fixer',
};

interface Given {
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** File name → content, in the working directory. */
  readonly files?: Readonly<Record<string, string>>;
  readonly envFile?: string;
  readonly configFile?: string;
  readonly policyFile?: string;
}

/** Loads the configuration from a directory of its own. */
export async function load(given: Given): Promise<Configuration> {
  const directory = await ownFolder();
  for (const [name, content] of Object.entries(given.files ?? {}))
    await writeFile(join(directory, name), content);
  const path = (name: string | undefined): string | undefined => name && join(directory, name);
  return loadConfiguration({
    directory,
    environment: given.environment ?? {},
    envFile: path(given.envFile),
    configFile: path(given.configFile),
    policyFile: path(given.policyFile),
  });
}

/** Loads a configuration that must be refused, and gives everything that a person could get to see of it. */
export async function refusal(given: Given): Promise<string> {
  const error = await failureOf(load(given));
  if (error.kind !== 'operational') throw new Error(`the kind is ${error.kind}`);
  const { doing, problem, next } = error.text;
  return [doing, problem, next, error.message, String(error.cause)].join('\n');
}

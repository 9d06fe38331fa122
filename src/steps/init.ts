import type { ConnectionConfiguration } from '../config/configuration.js';
import { nameChecks } from '../config/name-checks.js';
import { readCollectionNames, readTableNames } from '../stores/names-there.js';
import { DEFAULT_MAPPING, NAMING_MAPPING } from '../model/mapping.js';
import type { NameCheck } from '../model/name-check.js';
import type { Surroundings } from '../model/step-observer.js';
import { connected } from './connected.js';

/** What stands under the default names of the mapping, and how many collections and tables were looked at. */
export interface NamesThere {
  readonly findings: NameCheck[];
  readonly collections: number;
  readonly tables: number;
}

/**
 * Looks for the collections, the table, the fields and the columns of the default mapping, and changes nothing.
 *
 * @throws Failure (operational) where a store cannot be read
 */
export function lookForNames(
  configuration: ConnectionConfiguration,
  surroundings: Surroundings,
): Promise<NamesThere> {
  return connected(configuration, 'init', surroundings, async ({ mongo, postgres }) => {
    const [inMongo, inPostgres] = await Promise.all([
      readCollectionNames(mongo, NAMING_MAPPING),
      readTableNames(postgres, DEFAULT_MAPPING),
    ]);
    return {
      findings: nameChecks(inMongo, inPostgres),
      collections: inMongo.names.length,
      tables: inPostgres.names.length,
    };
  });
}

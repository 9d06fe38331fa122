import type { ConnectionConfiguration } from '../config/configuration.js';
import { probeMongo } from '../stores/mongo/probe.js';
import { probePostgres } from '../stores/postgres/probe.js';
import type { StoreShapes } from '../model/shape.js';
import { connected, type Surroundings } from './connected.js';

/**
 * Looks at which collections and tables there are, and changes nothing.
 *
 * @throws Failure (operational) where a store cannot be read
 */
export function lookAround(
  configuration: ConnectionConfiguration,
  surroundings: Surroundings,
): Promise<StoreShapes> {
  return connected(configuration, 'init', surroundings, async ({ mongo, postgres }) => {
    const [collections, tables] = await Promise.all([probeMongo(mongo), probePostgres(postgres)]);
    return { collections, tables };
  });
}

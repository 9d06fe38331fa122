import {
  loadConfiguration as load,
  type Configuration,
  type ConfigurationSources,
} from '../config/configuration.js';

export type { Configuration } from '../config/configuration.js';

/** Where the configuration is looked for; everything left out is as for the command line. */
export type ConfigurationOptions = Partial<ConfigurationSources>;

/**
 * Reads and validates the variables, the mapping and the policy. Opens no connection.
 *
 * @throws Failure (operational) that names everything that is missing or wrong, without any of the values
 */
export function loadConfiguration(options: ConfigurationOptions = {}): Promise<Configuration> {
  return load({
    directory: process.cwd(),
    environment: process.env,
    ...{ envFile: undefined, configFile: undefined, policyFile: undefined },
    ...options,
  });
}

import {
  loadConfiguration as load,
  type Configuration,
  type ConfigurationSources,
} from '../config/configuration.js';
import { readPlan as read, type VerifiedPlan } from '../files/plan/reader.js';
import {
  readReceipt as readIndexed,
  type AppliedRecord,
  type IndexedReceipt,
} from '../files/receipt/index.js';
import { readReceipts as readTogether } from '../files/receipt/joined.js';

export type { Configuration } from '../config/configuration.js';
export type { VerifiedPlan } from '../files/plan/reader.js';
export type { AppliedRecord, IndexedReceipt } from '../files/receipt/index.js';

/** Where the configuration is looked for; the defaults are those of the command line. */
export type ConfigurationOptions = Partial<ConfigurationSources>;

/**
 * Reads and validates the variables, the mapping and the policy. Opens no connection.
 *
 * @throws Failure (operational) naming everything that is missing or wrong, but no value
 * @example
 * const configuration = await loadConfiguration({ envFile: 'staging.env' });
 */
export function loadConfiguration(options: ConfigurationOptions = {}): Promise<Configuration> {
  return load({
    directory: process.cwd(),
    environment: process.env,
    envFile: undefined,
    configFile: undefined,
    policyFile: undefined,
    ...options,
  });
}

/** `strict` refuses a symbolic link, and a file that everybody may write. */
export interface ReadOptions {
  readonly trust?: 'strict' | 'any';
}

/**
 * Copies and verifies a plan; later reads come from the verified copy. The caller must close it.
 *
 * @throws Failure (refused) where it is invalid, altered or not to be trusted, (operational) where it cannot be read
 * @example
 * const plan = await readPlan('plan.json');
 * for await (const { team, decisions } of plan.teams()) console.log(team.id, decisions.length);
 * await plan.close();
 */
export function readPlan(path: string, { trust = 'strict' }: ReadOptions = {}): Promise<VerifiedPlan> {
  return read({ kind: 'file', path, trust }, { now: Date.now() });
}

/**
 * Copies and checks a receipt. The caller must close it.
 *
 * @throws Failure (refused) where it is damaged, empty or of several plans, (operational) where it cannot be read
 * @example
 * const receipt = await readReceipt('plan.json.receipt.jsonl');
 * console.log(receipt.runs.map(({ who, at }) => `${who} at ${at}`));
 * await receipt.close();
 */
export function readReceipt(path: string, { trust = 'strict' }: ReadOptions = {}): Promise<IndexedReceipt> {
  return readIndexed({ kind: 'file', path, trust });
}

/**
 * Copies and checks the receipts of a plan that was applied in parts, and puts them together. To be closed.
 *
 * @param options.parts `all` (the default): none of the plan may lie beside these unnamed
 * @throws Failure as `readReceipt` does; (refused) where they are of several plans, or one is not named
 * @example
 * const receipt = await readReceipts(['plan.json.receipt.0-of-2.jsonl', 'plan.json.receipt.1-of-2.jsonl']);
 */
export function readReceipts(
  paths: readonly string[],
  { trust = 'strict', parts = 'all' }: ReadOptions & { readonly parts?: 'all' | 'as-named' } = {},
): Promise<AppliedRecord> {
  return readTogether(
    paths.map((path) => ({ kind: 'file', path, trust })),
    parts,
  );
}

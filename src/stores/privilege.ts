import { Failure } from '../model/failure.js';

/** A privilege that the user lacks, and the statements that grant it and no more. */
export interface MissingPrivilege {
  readonly name: string;
  readonly grants: readonly string[];
}

/** What a store lacks; `place` is for people: `MongoDB at db.example:27017`. */
type MissingInStore = Readonly<{ place: string; missing: readonly MissingPrivilege[] }>;

/**
 * @param doing what was being checked, and before what
 * @throws Failure (operational) if anything is missing, with the statements that grant it and no more
 */
export function refuseWithout(doing: string, stores: readonly MissingInStore[]): void {
  const missing = stores.flatMap(({ place, missing }) => missing.map((one) => ({ ...one, place })));
  if (missing.length === 0) return;
  throw new Failure('operational', {
    doing,
    problem: `what is needed is missing${missing.map(({ name, place }) => `\n- ${name}, in ${place}`).join('')}`,
    next: `Nothing was changed. Have an owner or administrator run this, then run the same command again:\n${missing.flatMap(({ grants }) => grants).join('\n')}`,
  });
}

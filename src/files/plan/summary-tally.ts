import { BLOCK_CODES, FINDING_CODES, type BlockCode, type FindingCode } from '../../model/finding.js';
import { exceededLimits, type LimitedPlan } from '../../model/safeguards.js';
import type { Store } from '../../model/store.js';
import type { PlanDecision } from '../../model/decision.js';
import type { Summary } from './schema.js';

/** What a summary says that the plan's own contents do not. */
export interface Scanned {
  readonly scanned: number;
  readonly activeRoles: Readonly<Record<Store, number>>;
}

/** `source`: whether the databases may not belong together, which the plan's contents do not say. */
export interface CountedPlan extends Omit<LimitedPlan, 'summary'> {
  readonly source: 'doubted' | 'trusted';
}

/** Counts what is in a plan, alike for writer and reader. */
export class SummaryTally {
  readonly #findings = new Map<FindingCode, number>();
  readonly #blocked = new Map<BlockCode, number>();
  readonly #changes = { mongo: noChanges(), postgres: noChanges() };
  #teams = 0;
  #users = 0;

  finding(code: FindingCode): void {
    this.#findings.set(code, (this.#findings.get(code) ?? 0) + 1);
  }

  block(code: BlockCode): void {
    this.#blocked.set(code, (this.#blocked.get(code) ?? 0) + 1);
  }

  team(): void {
    this.#teams += 1;
  }

  decision({ changes }: PlanDecision): void {
    this.#users += 1;
    for (const { store, op } of changes) this.#changes[store][op] += 1;
  }

  /** Keys stand in the schema's order. */
  summary({ scanned, activeRoles }: Scanned, { source, ...plan }: CountedPlan): Summary {
    const changes = this.#changes;
    return {
      teams: { scanned, changed: this.#teams },
      users: { changed: this.#users },
      activeRoles: { mongo: activeRoles.mongo, postgres: activeRoles.postgres },
      changes: { mongo: { ...changes.mongo }, postgres: { ...changes.postgres } },
      exceeded: exceededLimits({ ...plan, summary: { activeRoles, changes } }, source),
      findings: counts(FINDING_CODES, this.#findings),
      blocked: counts(BLOCK_CODES, this.#blocked),
    };
  }
}

function noChanges(): Summary['changes'][Store] {
  return { insert: 0, reactivate: 0, deactivate: 0, delete: 0 };
}

/** In the order of the codes; codes that do not occur are left out. */
function counts<Code extends string>(
  codes: readonly Code[],
  counted: ReadonlyMap<Code, number>,
): Partial<Record<Code, number>> {
  const result: Partial<Record<Code, number>> = {};
  for (const code of codes) {
    const count = counted.get(code);
    if (count !== undefined) result[code] = count;
  }
  return result;
}

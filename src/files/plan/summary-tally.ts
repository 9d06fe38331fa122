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

/** Counts what is in a plan, alike for writer and reader. */
export interface SummaryTally {
  finding(code: FindingCode): void;
  block(code: BlockCode): void;
  team(): void;
  decision(decision: PlanDecision): void;
  /** Keys stand in the schema's order. */
  summary(of: Scanned, plan: CountedPlan): Summary;
}

/** `source`: whether the databases may not belong together, which the plan's contents do not say. */
export interface CountedPlan extends Omit<LimitedPlan, 'summary'> {
  readonly source: 'doubted' | 'trusted';
}

export function newSummaryTally(): SummaryTally {
  const findings = new Map<FindingCode, number>();
  const blocked = new Map<BlockCode, number>();
  const changes = { mongo: noChanges(), postgres: noChanges() };
  let teams = 0;
  let users = 0;
  return {
    finding: (code) => void findings.set(code, (findings.get(code) ?? 0) + 1),
    block: (code) => void blocked.set(code, (blocked.get(code) ?? 0) + 1),
    team: () => void (teams += 1),
    decision(decision) {
      users += 1;
      for (const { store, op } of decision.changes) changes[store][op] += 1;
    },
    summary: ({ scanned, activeRoles }, { source, ...plan }) => ({
      teams: { scanned, changed: teams },
      users: { changed: users },
      activeRoles: { mongo: activeRoles.mongo, postgres: activeRoles.postgres },
      changes: { mongo: { ...changes.mongo }, postgres: { ...changes.postgres } },
      exceeded: exceededLimits({ ...plan, summary: { activeRoles, changes } }, source),
      findings: counts(FINDING_CODES, findings),
      blocked: counts(BLOCK_CODES, blocked),
    }),
  };
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

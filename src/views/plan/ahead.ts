import type { PlanHeader, Summary } from '../../files/plan/schema.js';
import { REMOVALS_FLOOR, REMOVALS_PERCENT, removalsIn, type LimitFlag } from '../../model/safeguards.js';
import { STORES } from '../../model/store.js';
import { applyCommand } from '../next-command.js';

/** What leads to the apply of a plan, as far as it is known beforehand: none of it may be refused for a known reason. */
export interface ApplyAhead {
  /** In this order; the last one is the apply, where that is what comes next. */
  readonly commands: readonly string[];
  /** Sentences: why a flag is there, what somebody has to do. */
  readonly notes: readonly string[];
}

/** What the file alone says; a revert plan does not name its receipts. */
export function aheadOf(
  { kind, summary }: Pick<PlanHeader, 'kind' | 'summary'>,
  planFile: string,
): ApplyAhead {
  return { commands: [applyCommand(kind, planFile, undefined, overLimitFlags({ summary }))], notes: [] };
}

/** What apply takes away without being told to, as words. */
export const UNASKED = `${REMOVALS_PERCENT} %, or ${REMOVALS_FLOOR}`;

/** How a limit of `apply` is lifted, as the end of a sentence. */
export function allowedBy(flag: LimitFlag, summary: Summary): string {
  return `if it is right, allow it with ${limitFlags(flag, summary).join(' ')}`;
}

/** Above which limit of `apply` a plan is, as the beginning of a sentence. */
export const OVER_LIMIT_WORDS: Readonly<Record<LimitFlag, string>> = {
  'max-removals': `The plan takes away more than apply takes away unasked (${UNASKED} roles in any case)`,
  'allow-empty-source':
    'Teams or memberships seem to be missing, as after a restore that failed or with the database of another backend',
};

function limitFlags(flag: LimitFlag, summary: Summary): string[] {
  if (flag === 'allow-empty-source') return [`--${flag}`];
  return [`--${flag}`, String(Math.max(...STORES.map((store) => removalsIn(summary, store))))];
}

/** What the command that executes a plan needs, or it would be refused for what it does; nothing within the limits. */
export function overLimitFlags({ summary }: Pick<PlanHeader, 'summary'>): string[] {
  return summary.exceeded.flatMap((flag) => limitFlags(flag, summary));
}

import { z } from 'zod';
import type { Decision, UndoDecision } from '../../model/decision.js';
import type { Block, Finding } from '../../model/finding.js';
import type { FormatVersion } from '../../model/format-version.js';
import {
  decisionSchema,
  decisionSchema1,
  undoDecisionSchema,
  undoDecisionSchema1,
} from './decision-schema.js';
import {
  blockSchema,
  blockSchema1,
  findingSchema,
  findingSchema1,
  planTeamSchema,
  planTeamSchema1,
  type PlanTeamHead,
} from './schema.js';

/**
 * The schemas of what stands in a plan by the million, as code that zod generates: it accepts exactly the same, several
 * times faster. It is generated on first use, so that a command without a plan does not wait for it.
 */
export interface QuickSchemas {
  readonly finding: () => z.ZodType<Finding>;
  readonly block: () => z.ZodType<Block>;
  readonly team: () => z.ZodType<PlanTeamHead>;
  readonly fix: () => z.ZodType<Decision>;
  readonly revert: () => z.ZodType<UndoDecision>;
}

export const QUICK_SCHEMAS: Readonly<Record<FormatVersion, QuickSchemas>> = {
  1: {
    finding: once(() => z.compile(findingSchema1)),
    block: once(() => z.compile(blockSchema1)),
    team: once(() => z.compile(planTeamSchema1)),
    fix: once(() => z.compile(decisionSchema1)),
    revert: once(() => z.compile(undoDecisionSchema1)),
  },
  2: {
    finding: once(() => z.compile(findingSchema)),
    block: once(() => z.compile(blockSchema)),
    team: once(() => z.compile(planTeamSchema)),
    fix: once(() => z.compile(decisionSchema)),
    revert: once(() => z.compile(undoDecisionSchema)),
  },
};

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

import { z } from 'zod';
import type { PlanDecision } from '../team/undo.js';
import {
  blockSchema,
  decisionSchema,
  findingSchema,
  planTeamSchema,
  undoDecisionSchema,
  type PlanHeader,
} from './schema.js';

/**
 * The schemas of what stands in a plan by the million, as code that zod generates from them: it accepts exactly what they
 * accept, several times faster, and leaves it to them to say what is wrong. Generated on first use, for a start that
 * reads no plan would wait for nothing.
 */
export const quickFindingSchema = once(() => z.compile(findingSchema));
export const quickBlockSchema = once(() => z.compile(blockSchema));
export const quickTeamSchema = once(() => z.compile(planTeamSchema));
export const quickDecisionSchema = once(() => z.compile(decisionSchema));
export const quickUndoDecisionSchema = once(() => z.compile(undoDecisionSchema));

/** What the decisions of a plan of this kind look like. */
export function quickDecisionSchemaOf(kind: PlanHeader['kind']): z.ZodType<PlanDecision> {
  switch (kind) {
    case 'fix':
      return quickDecisionSchema();
    case 'revert':
      return quickUndoDecisionSchema();
  }
}

function once<Made>(make: () => Made): () => Made {
  let made: Made | undefined;
  return () => (made ??= make());
}

import { z } from 'zod';
import {
  blockSchema,
  decisionSchema,
  findingSchema,
  planHeaderSchema,
  planTeamSchema,
  sha256Schema,
  undoDecisionSchema,
} from './schema.js';

const [fixHeader, revertHeader] = planHeaderSchema.options;

/** What follows the header, for decisions of one kind of plan. */
function lists<D extends z.ZodType>(decision: D) {
  return {
    findings: z.array(findingSchema),
    blocked: z.array(blockSchema),
    teams: z.array(z.strictObject({ team: planTeamSchema, decisions: z.array(decision).min(1) })),
    digest: sha256Schema,
  };
}

/**
 * The plan file as one document. It serves `fix-roles schema plan` and tools that look into a plan; the reader, which
 * never holds a whole plan, uses its parts and checks far more (docs/design.md, "The plan file").
 */
export const planDocumentSchema = z.discriminatedUnion('kind', [
  fixHeader.extend(lists(decisionSchema)),
  revertHeader.extend(lists(undoDecisionSchema)),
]);

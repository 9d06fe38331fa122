import { z } from 'zod';
import { decisionSchema, undoDecisionSchema } from './decision-schema.js';
import { blockSchema, findingSchema, planHeaderSchema, planTeamSchema, sha256Schema } from './schema.js';

const [fixHeader, revertHeader] = planHeaderSchema.options;

function lists<D extends z.ZodType>(decision: D) {
  return {
    findings: z.array(findingSchema),
    blocked: z.array(blockSchema),
    teams: z.array(z.strictObject({ team: planTeamSchema, decisions: z.array(decision).min(1) })),
    digest: sha256Schema,
  };
}

/**
 * The plan file as one document, for `fix-roles schema plan`. The reader never holds a whole plan; it uses the parts and
 * checks far more (docs/design.md, "The plan file").
 */
export const planDocumentSchema = z.discriminatedUnion('kind', [
  fixHeader.extend(lists(decisionSchema)),
  revertHeader.extend(lists(undoDecisionSchema)),
]);

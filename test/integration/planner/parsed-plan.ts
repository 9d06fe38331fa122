import { z } from 'zod';
import {
  blockSchema,
  decisionSchema,
  findingSchema,
  planTeamSchema,
  summarySchema,
} from '../../../src/files/plan/schema.js';

const planSchema = z.object({
  summary: summarySchema,
  findings: z.array(findingSchema),
  blocked: z.array(blockSchema),
  teams: z.array(z.strictObject({ team: planTeamSchema, decisions: z.array(decisionSchema) })),
});
export type Plan = z.infer<typeof planSchema>;

export function parsed(text: string): Plan {
  return planSchema.parse(JSON.parse(text));
}

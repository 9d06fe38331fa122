import { z } from 'zod';
import {
  blockSchema,
  decisionSchema,
  findingSchema,
  planTeamSchema,
  summarySchema,
} from '../../../src/plan/schema.js';
import type { NaivePlan } from './naive-plan.js';

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

/** The plan as lines, to be compared with the naive one. */
export function told(plan: Plan): NaivePlan {
  const concern = ({
    code,
    team,
    user,
  }: {
    code: string;
    team: string | null;
    user: string | null;
  }): string => `${code} ${team} ${user}`;
  return {
    decisions: plan.teams
      .flatMap(({ team: { id, state, createdBy }, decisions }) =>
        decisions.map(({ user, standing, member, observed, changes }) =>
          [
            `${id} ${state} ${createdBy}`,
            `${user} ${standing} ${member}`,
            ...[
              ...observed.mongo.map((row) => `mongo ${row.id} ${row.role} ${row.active}`),
              ...observed.postgres.map(
                (row) => `postgres ${row.id} ${row.mongoId} ${row.role} ${row.active}`,
              ),
            ].sort(),
            ...changes
              .map((change) => `${change.store} ${change.op} ${change.role} ${idOf(change)} ${change.rule}`)
              .sort(),
          ].join('\n'),
        ),
      )
      .sort(),
    findings: plan.findings.map(concern).sort(),
    blocked: plan.blocked.map(concern).sort(),
  };
}

function idOf(change: Plan['teams'][number]['decisions'][number]['changes'][number]): string {
  const image = change.op === 'insert' ? change.after : change.before;
  if (change.store === 'postgres') return z.string().parse(image[change.op === 'insert' ? 'mongo_id' : 'id']);
  const key: unknown = image['_id'];
  return typeof key === 'string' ? key : z.object({ $oid: z.string() }).parse(key).$oid;
}

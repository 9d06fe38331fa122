import { readFile } from 'node:fs/promises';
import { BSON, type Document } from 'mongodb';

export type Image = Readonly<Record<string, unknown>>;

export interface Change {
  readonly op: 'insert' | 'reactivate' | 'deactivate' | 'delete';
  readonly store: 'mongo' | 'postgres';
  readonly before?: Image;
  readonly after?: Image;
}

/** What the floors read of a team in a plan. */
interface PlannedTeam {
  readonly team: { readonly id: string };
  readonly decisions: readonly { readonly user: string; readonly changes: readonly Change[] }[];
}

interface Plan {
  readonly teams: readonly PlannedTeam[];
}

/** Reads a plan without a check, as blind as what is measured. */
export async function readTeams(planFile: string): Promise<readonly PlannedTeam[]> {
  const plan: unknown = JSON.parse(await readFile(planFile, 'utf8'));
  if (!isPlan(plan)) throw new Error(`${planFile} is no plan`);
  return plan.teams;
}

function isPlan(value: unknown): value is Plan {
  return typeof value === 'object' && value !== null && 'teams' in value;
}

/** The rows of one operation in one store. */
export function imagesOf(changes: readonly Change[], store: Change['store'], op: Change['op']): Image[] {
  return changes.flatMap((change) => {
    const image = change.after ?? change.before;
    return change.store === store && change.op === op && image ? [image] : [];
  });
}

export function documentOf(image: Image): Document {
  const document: unknown = BSON.EJSON.deserialize(image);
  return { ...(typeof document === 'object' ? document : {}) };
}

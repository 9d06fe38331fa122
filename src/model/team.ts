import { byCodeUnit } from './id.js';

/**
 * What a team is according to MongoDB: `live` (its document exists and is not marked deleted), `deleted`
 * (`is_deleted: true`) or `missing` (role rows name it, but there is no document).
 */
export const TEAM_STATES = ['live', 'deleted', 'missing'] as const;
export type TeamState = (typeof TEAM_STATES)[number];

/** The part of a team document that decisions depend on; `name` is only shown. */
export interface Team {
  readonly id: string;
  readonly name: string | null;
  readonly state: TeamState;
  /** The id of the creator; null where it is absent or malformed. */
  readonly createdBy: string | null;
  /** As `Named.name`, of the creator. */
  readonly createdByName?: string | undefined;
}

/** Somebody with an id, as far as a plan knows. */
export interface Named {
  /** As it is shown beside the id; two people may share one. Left out where it is unknown or was not asked for. */
  readonly name?: string | undefined;
}

/** What a user is to a team, as `src/decide/standing.ts` finds (docs/design.md, "The rules"). */
export const STANDINGS = ['owner', 'member', 'outsider'] as const;
export type Standing = (typeof STANDINGS)[number];

/** Existing teams come first by id, then missing teams by id (docs/design.md, "The plan file"). */
export function inTeamOrder(a: Team, b: Team): number {
  return Number(a.state === 'missing') - Number(b.state === 'missing') || byCodeUnit(a.id, b.id);
}

/**
 * What a team is according to MongoDB: `live` (its document exists and is not marked deleted), `deleted`
 * (`is_deleted: true`) or `missing` (role rows name it, but there is no document).
 */
export const TEAM_STATES = ['live', 'deleted', 'missing'] as const;
export type TeamState = (typeof TEAM_STATES)[number];

/** The team document as far as decisions depend on it; `name` serves display only. */
export interface Team {
  readonly id: string;
  readonly name: string | null;
  readonly state: TeamState;
  /** The id of the creator; null where it is absent or malformed. */
  readonly createdBy: string | null;
}

/** What a user is to a team (docs/design.md, "The rules"). */
export const STANDINGS = ['owner', 'member', 'outsider'] as const;
export type Standing = (typeof STANDINGS)[number];

import type { OddField } from './finding.js';
import type { RoleRows, RowIdentity } from './role-row.js';
import type { SerialId } from './id.js';
import type { Team } from './team.js';

/** The facts about one user in one team. */
export interface UserFacts {
  readonly user: string;
  /** A membership exists that is active by the policy. */
  readonly member: boolean;
  /** Active rows only, each list sorted by id. */
  readonly rows: RoleRows;
  /** Unusable ids, roles and links in active role rows that name this user and team legibly. */
  readonly malformed: readonly OddField[];
}

/** A value that is no boolean where one says whether a membership is active or a team deleted. */
export interface OddState extends OddField {
  readonly code: 'odd-membership' | 'odd-team-state';
  /** Whose membership, where that is legible. */
  readonly user: string | null;
}

/** What was read about one team; the unit in which facts stream. */
export interface TeamFacts {
  readonly team: Team;
  readonly users: readonly UserFacts[];
  /** Unusable fields in this team's active role rows without a legible user. */
  readonly rowsWithoutUser: readonly OddField[];
  /** Unusable fields in its active memberships. */
  readonly membershipsWithoutUser: readonly OddField[];
  readonly oddStates: readonly OddState[];
}

/** A row found under an id that a decision would link to. It may be anybody's, of any scope, and malformed. */
export interface LinkedRow<Id extends SerialId> extends RowIdentity {
  readonly id: Id;
}

/**
 * The rows that hold the ids which decisions link to or would insert. `several`: more than one row has the id, because
 * the store lacks the unique index, or because the id stands as ObjectId and as string.
 */
export interface Links {
  /** By `_id`. */
  mongo(id: string): LinkedRow<string> | 'several' | undefined;
  /** By `mongo_id`. */
  postgres(mongoId: string): LinkedRow<SerialId> | 'several' | undefined;
}

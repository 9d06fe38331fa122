import type { OddField } from './finding.js';
import type { RoleRows, RowIdentity } from './role-row.js';
import type { SerialId } from './id.js';
import type { Team } from './team.js';

/** What was read about one user in one team: the membership and the active role rows in each store. */
export interface UserFacts {
  readonly user: string;
  /** A membership exists that is active by the policy. */
  readonly member: boolean;
  /** Active rows only, each list sorted by id. */
  readonly rows: RoleRows;
  /** The ids, roles and links that cannot be used in active role rows that name this user and team legibly. */
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
  /** What cannot be used in the active role rows of this team that have no legible user. */
  readonly rowsWithoutUser: readonly OddField[];
  /** The same of its active memberships. */
  readonly membershipsWithoutUser: readonly OddField[];
  readonly oddStates: readonly OddState[];
}

/** A row found under an id that a decision would link to: it may belong to anybody, be of any scope and be malformed. */
export interface LinkedRow<Id extends SerialId> extends RowIdentity {
  readonly id: Id;
}

/**
 * Who holds the ids that decisions link to or would insert. `several` stands for more than one row with the same id,
 * which is possible where a store lacks the unique index, or where one id stands as ObjectId and as string.
 */
export interface Links {
  /** The Mongo role document with this `_id`, of any scope, user and team. */
  mongo(id: string): LinkedRow<string> | 'several' | undefined;
  /** The Postgres role row with this `mongo_id`, of any scope, user and team. */
  postgres(mongoId: string): LinkedRow<SerialId> | 'several' | undefined;
}

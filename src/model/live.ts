import type { MongoImage, PostgresImage } from './decision.js';
import type { SerialId } from './serial-id.js';
import type { TeamState } from './team.js';

/** How a document holds its `_id`. */
export type MongoIdForm = 'objectId' | 'string' | 'other';

/** A role row as a store holds it now; each part is null where it is absent or of a type that no plan holds. */
interface LiveRow {
  readonly user: string | null;
  readonly team: string | null;
  readonly role: string | null;
  readonly scope: string | null;
  /** Exactly `true`. */
  readonly active: boolean;
}
export interface LiveMongoRow extends LiveRow {
  readonly store: 'mongo';
  readonly id: string | null;
  /** The same digits as ObjectId and as string are two documents. */
  readonly idForm: MongoIdForm;
  /** The whole document, decoded on demand. */
  image(): MongoImage;
}
export interface LivePostgresRow extends LiveRow {
  readonly store: 'postgres';
  readonly id: SerialId;
  readonly mongoId: string | null;
  /** The whole row. */
  image(): PostgresImage;
}

/** What MongoDB says now about a team and the memberships of the users in question. */
export interface LiveStandings {
  readonly state: TeamState;
  readonly createdBy: string | null;
  /** Those of the users in question who have an active membership. */
  readonly members: ReadonlySet<string>;
}

/**
 * The facts of one team's decisions as they are now: in each store the active rows of the users in question in that
 * team, and every row that carries an id which a decision changes, links to or inserts (docs/design.md, "Apply",
 * judging).
 */
export interface LiveTeam {
  readonly standings: LiveStandings;
  readonly mongo: readonly LiveMongoRow[];
  readonly postgres: readonly LivePostgresRow[];
}

/** Which rows and memberships of one team have to be read to judge its decisions. */
export interface LiveQuestion {
  readonly team: string;
  readonly users: readonly string[];
  /** Ids of Mongo role documents. */
  readonly mongoIds: readonly string[];
  /** Those of them under which the plan inserts a document. */
  readonly newMongoIds: readonly string[];
  /** Serial ids of Postgres role rows. */
  readonly postgresIds: readonly SerialId[];
  /** Link ids: Postgres `mongo_id`. */
  readonly links: readonly string[];
}

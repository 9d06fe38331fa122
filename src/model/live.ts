import type { MongoImage, PostgresImage } from './decision.js';
import type { SerialId } from './id.js';
import type { Policy } from './policy.js';
import { TEAM_SCOPE, type MongoIdForm, type RowAddress, type RowIdentity } from './role-row.js';
import type { TeamState } from './team.js';

/** A role row as a store holds it now. */
export interface LiveMongoRow extends RowIdentity, RowAddress {
  readonly store: 'mongo';
  readonly id: string | null;
  readonly idForm: MongoIdForm;
  /** The whole document, decoded on demand. */
  image(): MongoImage;
}
export interface LivePostgresRow extends RowIdentity, RowAddress {
  readonly store: 'postgres';
  readonly id: SerialId;
  readonly idForm: null;
  /** The whole row. */
  image(): PostgresImage;
}
export type LiveRow = LiveMongoRow | LivePostgresRow;

/** The rows that were read of one store, by each of the ways in which a decision asks for them. */
export class LiveRows<Row extends LiveRow = LiveRow> {
  readonly all: readonly Row[];
  readonly #byId = new Map<SerialId, Row[]>();
  readonly #byLink = new Map<string, Row[]>();
  readonly #active = new Map<string, Row[]>();

  constructor(rows: readonly Row[]) {
    this.all = rows;
    for (const row of rows) {
      if (row.id !== null) add(this.#byId, row.id, row);
      if (row.link !== null) add(this.#byLink, row.link, row);
      const { team, user, scope, active } = row;
      if (active && scope === TEAM_SCOPE && team !== null && user !== null)
        add(this.#active, `${team}\0${user}`, row);
    }
  }

  /** Two documents where an `_id` stands as ObjectId and as string. */
  byId(id: SerialId | null): readonly Row[] {
    return id === null ? [] : (this.#byId.get(id) ?? []);
  }

  byLink(link: string | null): readonly Row[] {
    return link === null ? [] : (this.#byLink.get(link) ?? []);
  }

  /** The active role rows of a user in a team. */
  activeOf(team: string, user: string): readonly Row[] {
    return this.#active.get(`${team}\0${user}`) ?? [];
  }
}

function add<Key, Row>(map: Map<Key, Row[]>, key: Key, row: Row): void {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
}

/** What MongoDB says now about a team and the memberships of the users in question. */
export interface LiveStandings {
  readonly state: TeamState;
  readonly createdBy: string | null;
  /** Those of the users in question who have an active membership. */
  readonly members: ReadonlySet<string>;
}

/** Which rows and memberships of one team have to be read to judge its decisions. */
export interface LiveQuestion {
  readonly team: string;
  readonly users: readonly string[];
  /** What counts as active in memberships. */
  readonly activeValues: Policy['activeValues'];
  /** Ids of Mongo role documents. */
  readonly mongoIds: readonly string[];
  /** Those of them under which the plan inserts a document. */
  readonly newMongoIds: readonly string[];
  /** Serial ids of Postgres role rows. */
  readonly postgresIds: readonly SerialId[];
  /** Link ids: Postgres `mongo_id`. */
  readonly links: readonly string[];
}

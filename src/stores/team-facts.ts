import type { PostgresImage } from '../model/decision.js';
import type { OddState, TeamFacts, UserFacts } from '../model/facts.js';
import type { OddField } from '../model/finding.js';
import { byCodeUnit, bySerialId } from '../model/id.js';
import type { MongoRoleRow, PostgresRoleRow } from '../model/role-row.js';
import type { Team } from '../model/team.js';
import type { ReadTeam, RowImages } from './facts-reader.js';
import { unwritableField } from './document-values.js';
import { mongoImage } from './mongo/image.js';
import type { StoredMembership } from './mongo/membership-row.js';
import type { StoredTeam } from './mongo/team-row.js';
import type { StoredMongoRow } from './mongo/role-row.js';
import type { StoredPostgresRow } from './postgres/role-row.js';

/** All rows that were read of one team: memberships that are active or odd, and active role rows. */
export interface TeamRows {
  readonly teams: readonly StoredTeam[];
  readonly memberships: readonly StoredMembership[];
  readonly mongo: readonly StoredMongoRow[];
  readonly postgres: readonly StoredPostgresRow[];
}

/** The whole row as a plan holds it. */
export type ImageOf = (row: StoredPostgresRow) => PostgresImage;

/** Derives one team's facts from its rows (docs/design.md, "The data", and "The rules" on malformed rows). */
export function teamFacts(team: string, rows: TeamRows, postgresImage: ImageOf): ReadTeam {
  const users = new Map<string, UserRows>();
  const rowsOf = (user: string): UserRows => {
    let found = users.get(user);
    if (found === undefined) users.set(user, (found = new UserRows(user)));
    return found;
  };
  const rowsWithoutUser: OddField[] = [];
  const membershipsWithoutUser: OddField[] = [];
  const oddStates: OddState[] = [];
  for (const { odd } of rows.teams)
    if (odd !== null) oddStates.push({ code: 'odd-team-state', user: null, ...odd });
  for (const { user, active, odd, malformed } of rows.memberships) {
    if (odd !== null) oddStates.push({ code: 'odd-membership', user, ...odd });
    if (!active) continue;
    if (user === null) membershipsWithoutUser.push(...malformed);
    else rowsOf(user).member = true;
  }
  for (const row of rows.mongo) {
    if (row.user === null) rowsWithoutUser.push(...row.malformed);
    else rowsOf(row.user).addMongo(row);
  }
  for (const row of rows.postgres) {
    if (row.user === null) rowsWithoutUser.push(...row.malformed);
    else rowsOf(row.user).addPostgres(row);
  }
  for (const user of users.values()) user.sort();
  const facts: TeamFacts = {
    team: teamIn(team, rows.teams),
    users: [...users.values()],
    rowsWithoutUser,
    membershipsWithoutUser,
    oddStates,
  };
  return {
    facts,
    images: imagesIn(rows, postgresImage),
    activeRows: { mongo: rows.mongo.length, postgres: rows.postgres.length },
  };
}

function teamIn(id: string, documents: readonly StoredTeam[]): Team {
  const [first, ...others] = documents;
  if (first === undefined) return { id, name: null, state: 'missing', createdBy: null };
  const state = documents.every(({ deleted }) => deleted) ? 'deleted' : 'live';
  // Two documents, with the id as ObjectId and as string: nobody can say which one names the owner. A live team
  // without a creator is blocked.
  return { id, name: first.name, state, createdBy: others.length === 0 ? first.createdBy : null };
}

class UserRows implements UserFacts {
  readonly user: string;
  member = false;
  readonly malformed: OddField[] = [];
  readonly rows = { mongo: new Array<MongoRoleRow>(), postgres: new Array<PostgresRoleRow>() };

  constructor(user: string) {
    this.user = user;
  }

  addMongo({ id, role, malformed }: StoredMongoRow): void {
    if (id === null || role === null) this.malformed.push(...malformed);
    else this.rows.mongo.push({ id, role, active: true });
  }

  addPostgres({ id, mongoId, role, malformed }: StoredPostgresRow): void {
    if (id === null || mongoId === undefined || role === null) this.malformed.push(...malformed);
    else this.rows.postgres.push({ id, mongoId, role, active: true });
  }

  sort(): void {
    if (this.rows.mongo.length > 1) this.rows.mongo.sort((a, b) => byCodeUnit(a.id, b.id));
    if (this.rows.postgres.length > 1) this.rows.postgres.sort((a, b) => bySerialId(a.id, b.id));
  }
}

/** Finds rows by user and id. It makes an image only when asked: hardly any row is ever changed. */
export function imagesIn(rows: Pick<TeamRows, 'mongo' | 'postgres'>, postgresImage: ImageOf): RowImages {
  let byKey: { mongo: Map<string, StoredMongoRow>; postgres: Map<string, StoredPostgresRow> } | undefined;
  const index = () => (byKey ??= { mongo: keyed(rows.mongo), postgres: keyed(rows.postgres) });
  return {
    mongo(user, id) {
      const row = index().mongo.get(keyOf(user, id));
      return row === undefined ? null : mongoImage(row.bytes);
    },
    postgres(user, id) {
      const row = index().postgres.get(keyOf(user, id));
      return row === undefined ? null : postgresImage(row);
    },
    unwritable(user, id) {
      const row = index().mongo.get(keyOf(user, id));
      return row === undefined ? null : unwritableField(id, row.bytes);
    },
    keepOnly(users) {
      const ofThem = ({ user }: { readonly user: string | null }): boolean =>
        user !== null && users.has(user);
      const kept = {
        // The original bytes would keep a whole message of the server in memory.
        mongo: rows.mongo.filter(ofThem).map((row) => ({ ...row, bytes: Buffer.from(row.bytes) })),
        postgres: rows.postgres.filter(ofThem),
      };
      return imagesIn(kept, postgresImage);
    },
  };
}

function keyed<Row extends { user: string | null; id: string | number | null }>(rows: readonly Row[]) {
  return new Map(rows.map((row) => [keyOf(row.user, row.id), row]));
}

function keyOf(user: string | null, id: string | number | null): string {
  return `${user ?? ''}\0${id ?? ''}`;
}

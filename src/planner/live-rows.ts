import type { LiveTeams } from '../stores/live-reader.js';
import type { LiveMongoRow, LivePostgresRow } from '../model/live.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { SerialId } from '../model/serial-id.js';

/** Rows that were read of several teams, by each of the ways in which a decision asks for them. */
export class LiveRows {
  readonly #mongo = new Map<string, LiveMongoRow[]>();
  readonly #mongoActive = new Map<string, LiveMongoRow[]>();
  readonly #postgres = new Map<SerialId, LivePostgresRow>();
  readonly #links = new Map<string, LivePostgresRow[]>();
  readonly #postgresActive = new Map<string, LivePostgresRow[]>();

  constructor({ mongo, postgres }: Pick<LiveTeams, 'mongo' | 'postgres'>) {
    for (const row of mongo) {
      if (row.id !== null) add(this.#mongo, row.id, row);
      addActive(this.#mongoActive, row);
    }
    for (const row of postgres) {
      this.#postgres.set(row.id, row);
      if (row.mongoId !== null) add(this.#links, row.mongoId, row);
      addActive(this.#postgresActive, row);
    }
  }

  /** The documents with this `_id`: two where it stands as ObjectId and as string. */
  mongo(id: string): readonly LiveMongoRow[] {
    return this.#mongo.get(id) ?? [];
  }

  /** The row with this serial id. */
  postgres(id: SerialId): LivePostgresRow | undefined {
    return this.#postgres.get(id);
  }

  /** The rows with this `mongo_id`. */
  linked(link: string): readonly LivePostgresRow[] {
    return this.#links.get(link) ?? [];
  }

  /** The active role rows of a user in a team. */
  activeOf(
    team: string,
    user: string,
  ): { readonly mongo: readonly LiveMongoRow[]; readonly postgres: readonly LivePostgresRow[] } {
    const key = keyOf(team, user);
    return { mongo: this.#mongoActive.get(key) ?? [], postgres: this.#postgresActive.get(key) ?? [] };
  }
}

function addActive<Row extends LiveMongoRow | LivePostgresRow>(map: Map<string, Row[]>, row: Row): void {
  const { team, user, scope, active } = row;
  if (active && scope === TEAM_SCOPE && team !== null && user !== null) add(map, keyOf(team, user), row);
}

function keyOf(team: string, user: string): string {
  return `${team}\0${user}`;
}

function add<Key, Row>(map: Map<Key, Row[]>, key: Key, row: Row): void {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
}

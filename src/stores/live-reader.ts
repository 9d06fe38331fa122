import type { FindOptions, ObjectId } from 'mongodb';
import type { PostgresImage } from '../model/decision.js';
import type { LiveMongoRow, LivePostgresRow, LiveQuestion, LiveRows, LiveStandings } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import type { Store } from '../model/store.js';
import type { Targets, Consistency } from '../model/targets.js';
import { countActiveRows } from './active-rows.js';
import { readHolders } from './holders.js';
import { unfitRows } from './postgres/fitting-values.js';
import { readLiveMongo } from './mongo/live.js';
import { readLivePostgresRows } from './postgres/live.js';
import type { MongoConnection } from './mongo/connection.js';
import { rawBytes } from './mongo/image.js';
import { startSnapshotSession } from './mongo/snapshot.js';
import { teamRowParser } from './mongo/team-row.js';
import { bothForms } from './mongo/values.js';
import type { PostgresConnection } from './postgres/connection.js';
import { describeRoleTable } from './postgres/role-table.js';
import { openPostgresSnapshot } from './postgres/snapshot.js';
import { readFailed } from './read-failure.js';
import { readTargets } from './targets.js';

/** What the stores hold of some teams. Rows of other teams may be among them. */
export interface LiveTeams {
  /** @throws Error for a team that was not asked for */
  readonly standingsOf: (team: string) => LiveStandings;
  readonly names: ReadonlyMap<string, string>;
  readonly mongo: LiveRows<LiveMongoRow>;
  readonly postgres: LiveRows<LivePostgresRow>;
}

/** Both stores, each at one point in time, asked for certain teams and rows. A reader cannot write. */
export interface LiveReader {
  readonly targets: Targets;
  readonly consistency: Consistency;
  activeRoles(): Promise<Record<Store, number>>;
  read(questions: readonly LiveQuestion[]): Promise<LiveTeams>;
  /** The people who hold an active role in each of these teams, in either store. */
  holders(teams: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
  /** The rows that PostgreSQL could not take back, because their values no longer fit the table. */
  unfit(rows: readonly PostgresImage[]): Promise<ReadonlySet<PostgresImage>>;
}

/** Only the opener may close a reader; others get the `LiveReader` in it. */
export interface OpenLiveReader extends LiveReader {
  /** Ends both snapshots; the connections stay open. */
  close(): Promise<void>;
}

/**
 * Takes a snapshot of both stores. The Postgres connection stays in its transaction until `close`.
 *
 * @throws {Failure} operational: something is missing, or a store cannot be read
 */
export async function openLiveReader(
  { mongo, postgres }: { readonly mongo: MongoConnection; readonly postgres: PostgresConnection },
  mapping: Mapping,
): Promise<OpenLiveReader> {
  const inMongo = <T>(read: Promise<T>): Promise<T> => read.catch(readFailed('MongoDB', mongo));
  const inPostgres = <T>(read: Promise<T>): Promise<T> => read.catch(readFailed('PostgreSQL', postgres));
  const targets = await readTargets(mongo, postgres, mapping);
  const table = await inPostgres(postgres.read(({ client }) => describeRoleTable(client, mapping)));
  const snapshot = await openPostgresSnapshot(postgres, 1);
  const session = await startSnapshotSession(mongo, mapping.mongo.collections.teams).catch(
    async (error: unknown) => {
      await snapshot.close();
      throw error;
    },
  );

  async function namesOf(teams: readonly string[]): Promise<Map<string, string>> {
    const { name } = mapping.mongo.teams;
    const options: FindOptions = session === undefined ? { readConcern: 'majority' } : { session };
    const found = mongo.db
      .collection<{ _id: string | ObjectId }>(mapping.mongo.collections.teams)
      .find({ _id: { $in: bothForms(teams) } }, { ...options, raw: true, projection: { [name]: 1 } });
    const rows = (await found.toArray()).map(rawBytes).map(teamRowParser(mapping, table.idWidths));
    const names = new Map<string, string>();
    for (const row of rows) if (row.team !== null && row.name !== null) names.set(row.team, row.name);
    return names;
  }

  return {
    targets,
    consistency: { mongo: session === undefined ? 'available' : 'snapshot', postgres: 'snapshot' },
    async activeRoles() {
      const stores = { mongo, postgres: snapshot, table };
      const [inOne, inOther] = await Promise.all([
        inMongo(countActiveRows('mongo', stores, mapping)),
        countActiveRows('postgres', stores, mapping),
      ]);
      return { mongo: inOne, postgres: inOther };
    },
    async read(questions) {
      const [live, rows] = await Promise.all([
        inMongo(readLiveMongo(mongo.db, mapping, questions, session)),
        snapshot.read(({ client }) => readLivePostgresRows(client, table, questions)),
      ]);
      const names = await inMongo(namesOf(questions.map(({ team }) => team)));
      return { standingsOf: live.standingsOf, names, mongo: live.rows, postgres: rows };
    },
    holders: (teams) => inMongo(readHolders({ mongo, postgres: snapshot, table }, mapping, teams, session)),
    unfit: (images) => snapshot.read(({ client }) => unfitRows(client, table, images)),
    async close() {
      await session?.endSession();
      await snapshot.close();
    },
  };
}

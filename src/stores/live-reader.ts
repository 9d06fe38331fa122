import type { PostgresImage } from '../model/decision.js';
import type { LiveMongoRow, LivePostgresRow, LiveQuestion, LiveRows, LiveStandings } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import type { Store } from '../model/store.js';
import type { Targets, Consistency } from '../model/targets.js';
import { countActiveRows, readHolders } from './active-role-rows.js';
import type { NamesOf } from './facts-reader.js';
import { unfitRows } from './postgres/fitting-values.js';
import { readLiveMongo } from './mongo/live.js';
import { readLivePostgresRows } from './postgres/live.js';
import type { MongoConnection } from './mongo/connection.js';
import { openMongoSnapshot } from './mongo/snapshot.js';
import { teamRowParser } from './mongo/team-row.js';
import { readUserNames } from './mongo/user-names.js';
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
  names: NamesOf;
}

const BATCH_SIZE = 500;

/**
 * Takes a snapshot of both stores, which ends with the connections: the Postgres connection stays in its transaction.
 *
 * @throws {Failure} operational: something is missing, or a store cannot be read
 */
export async function openLiveReader(
  { mongo, postgres }: { readonly mongo: MongoConnection; readonly postgres: PostgresConnection },
  mapping: Mapping,
): Promise<LiveReader> {
  const inMongo = <T>(read: Promise<T>): Promise<T> => read.catch(readFailed('MongoDB', mongo));
  const targets = await readTargets(mongo, postgres, mapping);
  const table = await postgres
    .read(({ client }) => describeRoleTable(client, mapping))
    .catch(readFailed('PostgreSQL', postgres));
  const [documents, rows] = await Promise.all([
    openMongoSnapshot(mongo, mapping.mongo.collections.teams, BATCH_SIZE),
    openPostgresSnapshot(postgres, 1),
  ]);
  const { session } = documents;
  const stores = { mongo, postgres: rows, table };

  async function teamNames(teams: readonly string[]): Promise<Map<string, string>> {
    const filter = { _id: { $in: bothForms(teams) } };
    const find = {
      collection: mapping.mongo.collections.teams,
      filter,
      fields: ['_id', mapping.mongo.teams.name],
    };
    const found = await documents.all(find, teamRowParser(mapping, table.idWidths));
    return new Map(found.flatMap(({ team, name }) => (team === null || name === null ? [] : [[team, name]])));
  }

  return {
    targets,
    consistency: { mongo: documents.consistency, postgres: 'snapshot' },
    async activeRoles() {
      const [ofDocuments, ofRows] = await Promise.all([
        countActiveRows('mongo', stores, mapping),
        countActiveRows('postgres', stores, mapping),
      ]);
      return { mongo: ofDocuments, postgres: ofRows };
    },
    async read(questions) {
      const [liveMongo, liveRows] = await Promise.all([
        inMongo(readLiveMongo(mongo.db, mapping, questions, session)),
        rows.read(({ client }) => readLivePostgresRows(client, table, questions)),
      ]);
      const names = await teamNames(questions.map(({ team }) => team));
      return { standingsOf: liveMongo.standingsOf, names, mongo: liveMongo.rows, postgres: liveRows };
    },
    holders: (teams) => inMongo(readHolders(stores, mapping, teams, session)),
    unfit: (images) => rows.read(({ client }) => unfitRows(client, table, images)),
    names: (users) => readUserNames(documents, mapping, users),
  };
}

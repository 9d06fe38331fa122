import { teamFilterTest } from '../model/team-filter.js';
import { Failure } from '../model/failure.js';
import type { ForeignKey } from '../model/foreign-key.js';
import type { Mapping } from '../model/mapping.js';
import type { FactsReader } from './facts-reader.js';
import { readLinks } from './link-rows.js';
import type { MongoConnection } from './mongo/connection.js';
import { readMongoFacts } from './mongo/facts.js';
import { openMongoSnapshot } from './mongo/snapshot.js';
import { readUserNames } from './mongo/user-names.js';
import { isUnseen } from './postgres/effects.js';
import type { PostgresConnection } from './postgres/connection.js';
import { readPostgresFacts, refuseIllegibleTexts } from './postgres/facts.js';
import type { StoredPostgresRow } from './postgres/role-row.js';
import { describeRoleTable, postgresImage, type PostgresRoleTable } from './postgres/role-table.js';
import { openPostgresSnapshot, type PostgresSnapshot } from './postgres/snapshot.js';
import { readFailed } from './read-failure.js';
import { readTargets } from './targets.js';
import { mergeTeams } from './team-merge.js';
import { refuseFullUniqueIndex } from './postgres/indexes.js';
import { refuseUnusableRoles } from './postgres/fitting-values.js';

export interface OpenFactsReader extends FactsReader {
  /** The foreign keys that point at the role table. They inform people; no plan holds them. */
  readonly foreignKeys: readonly ForeignKey[];
  /** Whether `apply` would refuse to write, unable to see the effects of triggers and rules. It informs people. */
  readonly effectsUnseen: boolean;
}

/** Larger batches doubled the time of garbage collection. */
const BATCH_SIZE = 500;

/**
 * Takes a snapshot of both stores, which ends with the connections: the Postgres connection stays in its transaction.
 *
 * @param options.roles the roles that are to be written
 * @throws {Failure} operational: something is missing, or the stores cannot be read or repaired as they are
 */
export async function openFactsReader(
  connections: { readonly mongo: MongoConnection; readonly postgres: PostgresConnection },
  mapping: Mapping,
  options: { readonly batchSize?: number; readonly roles?: readonly string[] } = {},
): Promise<OpenFactsReader> {
  const { batchSize = BATCH_SIZE, roles = [] } = options;
  const targets = await readTargets(connections.mongo, connections.postgres, mapping);
  const table = await usableTable(connections.postgres, mapping, roles).catch(
    readFailed('PostgreSQL', connections.postgres),
  );
  const image = (row: StoredPostgresRow) => postgresImage(table, row.texts);
  // Both at the same moment, as nearly as two databases allow.
  const [mongo, postgres] = await Promise.all([
    openMongoSnapshot(connections.mongo, mapping.mongo.collections.teams, batchSize),
    openPostgresSnapshot(connections.postgres, batchSize),
  ]);
  await refuseDoubleIds(postgres, table);
  await refuseIllegibleTexts(postgres, table);
  return {
    targets,
    foreignKeys: table.attachments.keys,
    effectsUnseen: isUnseen(table.attachments),
    consistency: { mongo: mongo.consistency, postgres: 'snapshot' },
    read(filter, { activeValues }) {
      const passes = teamFilterTest(filter);
      const streams = [
        ...readMongoFacts(mongo, mapping, table.idWidths, filter.teams, passes, activeValues),
        readPostgresFacts(postgres, table, filter.teams, passes),
      ];
      return mergeTeams(streams, image);
    },
    names: (users) => readUserNames(mongo, mapping, users),
    links: (ids) => readLinks({ mongo, postgres }, table, mapping, ids, image),
  };
}

/** @throws Failure if inserts could not succeed, or rows could not be written down; or the driver's error */
async function usableTable(connection: PostgresConnection, mapping: Mapping, roles: readonly string[]) {
  const table = await connection.read(async (reading) => {
    await refuseFullUniqueIndex(reading, mapping);
    return describeRoleTable(reading.client, mapping);
  });
  refusePadded(table);
  await connection.read(({ client }) => refuseUnusableRoles(client, table, roles));
  return table;
}

/** Without a unique index two rows may share an id: nobody could say which one a plan means. */
async function refuseDoubleIds(postgres: PostgresSnapshot, table: PostgresRoleTable): Promise<void> {
  const { name, rows, quoted, idKey, mapped } = table;
  if (idKey.indexes.size > 0) return;
  const id = `r.${quoted.id}`;
  const [double] = await postgres.rows(
    `SELECT ${id} FROM ${rows} AS r WHERE ${id} IS NOT NULL GROUP BY ${id} HAVING count(*) > 1 ORDER BY ${id} LIMIT 1`,
    [],
  );
  if (double === undefined) return;
  const column = mapped.columns.id;
  throw new Failure('operational', {
    doing: `reading the rows of the Postgres table ${name}`,
    problem: `several rows have the ${column} ${double[0] ?? ''}`,
    next: `Have the owner of the table give each row a number of its own, and keep it so: ALTER TABLE ${name} ADD PRIMARY KEY (${quoted.id});`,
  });
}

/** `character(n)` adds blanks: a short id would become a stranger's, and a role would equal none of the plan. */
function refusePadded({ name, padded, mapped, ids }: PostgresRoleTable): void {
  const { mongoId, user, team, role, scope } = mapped.columns;
  const refuse = (columns: readonly string[], what: string, next: string): void => {
    const found = columns.filter((column) => padded.has(column));
    if (found.length === 0) return;
    throw new Failure('operational', {
      doing: `reading the columns of the Postgres table ${name}`,
      problem: `${found.join(', ')}: of type character(n), which adds blanks to every ${what} that is shorter`,
      next,
    });
  };
  refuse([role, scope], 'text', 'Have the owner of the table make them varchar or text.');
  if (ids === 'hex') return;
  refuse(
    [mongoId, user, team],
    'id',
    'Make them varchar, or if every id has 24 hex digits, set mapping.ids to "hex" in fix-roles.config.json.',
  );
}

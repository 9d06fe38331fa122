import { compareClocks } from '../stores/clock.js';
import { readCollectionKinds, readMongoIndexes, sampleFields } from '../stores/mongo/collection.js';
import { connectMongo, type MongoConnection, type MongoSettings } from '../stores/mongo/connection.js';
import { askMongoIdentity } from '../stores/mongo/privileges.js';
import {
  askMongoCertificate,
  askMongoServer,
  askMongoTime,
  mongoTls,
  tryMongoTransactions,
} from '../stores/mongo/server.js';
import { tryMongoValidator } from '../stores/mongo/validator.js';
import { probe, type Probe } from '../stores/probe.js';
import { countDocuments } from '../stores/row-count.js';
import type { Check, CheckResult } from '../model/check.js';
import { Failure } from '../model/failure.js';
import { writtenRoles } from '../model/policy.js';
import { judgeClock } from './clock.js';
import { judgeMongoEncryption } from './encryption.js';
import type { Examination } from './examination.js';
import { expectedFields, judgeCollections, judgeMongoIndexes } from './mongo-collections.js';
import { judgeMongoRules } from './mongo-rules.js';
import { judgeMongoPrivileges } from './privileges.js';
import { judgeRowCounts } from './row-counts.js';
import { judgeMongoTransactions, judgeMongoVersion } from './transactions.js';
import { failure, judged, notMade, verdict } from './verdict.js';

const TITLES = {
  connection: 'reachable',
  encryption: 'encryption',
  version: 'version',
  transactions: 'topology and transactions',
  collections: 'collections',
  indexes: 'indexes',
  rules: 'rules for role documents',
  'privileges-plan': 'privileges for plan',
  'privileges-apply': 'privileges for apply',
  clock: 'clock',
  rows: 'rows',
} as const;
type MongoCheck = keyof typeof TITLES;
const ONLY_FOR_APPLY: readonly MongoCheck[] = ['privileges-apply', 'rules'];

/** Everything about MongoDB; whatever fails is the result of its own check. Writes nothing. */
export async function examineMongo(settings: MongoSettings, examination: Examination): Promise<Check[]> {
  const names = Object.keys(TITLES).filter((name): name is MongoCheck => name in TITLES);
  const made = await results(settings, examination);
  return names.flatMap((check) => {
    if (ONLY_FOR_APPLY.includes(check) && examination.purpose === 'plan') return [];
    const result = made[check] ?? notMade('MongoDB cannot be reached');
    return [{ store: 'mongo', check, title: TITLES[check], result }];
  });
}

async function results(
  settings: MongoSettings,
  examination: Examination,
): Promise<Partial<Record<MongoCheck, CheckResult>>> {
  const { patience, timeoutMs, onWait } = examination;
  let connection: MongoConnection;
  try {
    connection = await connectMongo({ ...settings, patience }, { purpose: 'doctor', timeoutMs, onWait });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { doing, problem, next } = error.text;
    return { connection: verdict('', [failure(`${doing}: ${problem}`, next)]) };
  }
  try {
    return await examine(connection, settings, examination);
  } finally {
    await connection.close().catch(() => undefined);
  }
}

async function examine(
  connection: MongoConnection,
  { database }: MongoSettings,
  { mapping, policy, secrets, purpose, timeoutMs, now }: Examination,
): Promise<Record<MongoCheck, CheckResult>> {
  const ask = <T>(question: () => Promise<T>): Promise<Probe<T>> => probe(question, secrets);
  const { teams, memberships, roles } = mapping.mongo.collections;
  const kinds = await ask(() => readCollectionKinds(connection, [teams, memberships, roles]));
  const lacksCollection = kinds.kind === 'found' && [...kinds.value.values()].includes('absent');
  const samples = new Map(
    await Promise.all(
      [...expectedFields(mapping)].map(async ([name, fields]) => {
        const sample = await ask(() =>
          sampleFields(
            connection,
            name,
            fields.map(({ field }) => field),
          ),
        );
        return [name, sample] as const;
      }),
    ),
  );
  const indexes = new Map(
    await Promise.all(
      [memberships, roles].map(async (name) => {
        return [name, await ask(() => readMongoIndexes(connection, name))] as const;
      }),
    ),
  );
  const validator = await ask(() => tryMongoValidator(connection, mapping, writtenRoles(policy)));
  const [server, transactions, identity, clock, counts] = await Promise.all([
    ask(() => askMongoServer(connection)),
    ask(() => tryMongoTransactions(connection, mapping)),
    ask(() => askMongoIdentity(connection)),
    ask(() => compareClocks(() => askMongoTime(connection))),
    ask(() => Promise.all([countDocuments(connection, teams), countDocuments(connection, roles)])),
  ]);
  const tls = mongoTls(connection);
  const certificate =
    tls.demand === 'plain' ? undefined : await ask(() => askMongoCertificate(connection, timeoutMs));
  const reading = [...samples.values()].map(({ kind }) => kind);
  const access = reading.includes('denied') ? 'denied' : reading.includes('found') ? 'allowed' : 'unknown';
  const privileges = (needed: 'plan' | 'apply'): CheckResult =>
    judged(identity, (who) => judgeMongoPrivileges(who, access, database, mapping, needed));
  return {
    connection: verdict(`${connection.address}, database ${database}`),
    encryption: judgeMongoEncryption(tls, certificate?.kind === 'found' ? certificate.value : undefined, now),
    version: judged(server, judgeMongoVersion),
    transactions: judged(transactions, (tried) =>
      judgeMongoTransactions(connection.topology, tried, purpose),
    ),
    collections: judgeCollections(kinds, samples, mapping),
    indexes: lacksCollection
      ? notMade('a collection is missing')
      : judgeMongoIndexes(indexes, database, mapping),
    rules: judgeMongoRules(indexes.get(roles), validator, database, mapping),
    'privileges-plan': privileges('plan'),
    'privileges-apply': privileges('apply'),
    clock: judged(clock, judgeClock),
    rows: judged(counts, ([inTeams, inRoles]) =>
      judgeRowCounts([
        ['teams', inTeams],
        ['role documents', inRoles],
      ]),
    ),
  };
}

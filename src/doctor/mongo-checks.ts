import { describeCollections } from '../stores/mongo/collections.js';
import { connectMongo, type MongoConnection, type MongoSettings } from '../stores/mongo/connection.js';
import { askMongoIdentity } from '../stores/mongo/privileges.js';
import { countDocuments, countOddMemberships } from '../stores/row-count.js';
import type { Check, CheckResult } from '../model/doctor-check.js';
import { writtenRoles } from '../model/policy.js';
import { askMongoTime, compareClocks, judgeClock } from './clock.js';
import { askMongoCertificate, judgeMongoEncryption, mongoTls } from './encryption.js';
import { makeChecks, type Examination, type StoreChecks } from './make-checks.js';
import { expectedFields, judgeCollections, sampleFields } from './mongo-collections.js';
import { judgeMongoIndexes, neededIndexes, readMongoIndexes } from './mongo-indexes.js';
import { judgeMongoRules, tryMongoValidator } from './mongo-rules.js';
import { judgeMongoPrivileges } from './privileges.js';
import { judgeRowCounts, oddMemberships } from './row-counts.js';
import { judgeMongoTransactions, tryMongoTransactions } from './transactions.js';
import { failure, judged, notMade, probe, verdict, type Probe } from './verdict.js';
import { askMongoServer, judgeMongoVersion } from './version.js';

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

/** Makes all checks of MongoDB, and writes nothing. */
export function examineMongo(settings: MongoSettings, examination: Examination): Promise<Check[]> {
  const { patience, purpose, onWait } = examination;
  const checks: StoreChecks<keyof typeof TITLES, MongoConnection> = {
    store: 'mongo',
    titles: TITLES,
    onlyForApply: ['privileges-apply', 'rules'],
    connect: () => connectMongo({ ...settings, patience }, { purpose: 'doctor', onWait }),
    unreachable: ({ text: { doing, problem, next } }) => ({
      connection: verdict('', [failure(`${doing}: ${problem}`, next)]),
    }),
    examine: (connection) => examine(connection, settings, examination),
  };
  return makeChecks(checks, purpose);
}

async function examine(
  connection: MongoConnection,
  { database }: MongoSettings,
  { mapping, policy, secrets, purpose, patience, now }: Examination,
): Promise<Record<keyof typeof TITLES, CheckResult>> {
  const ask = <T>(question: () => Promise<T>): Promise<Probe<T>> => probe(question, secrets);
  const { teams, roles } = mapping.mongo.collections;
  const expected = expectedFields(mapping);
  const named = Object.keys(expected);
  const described = await ask(() => describeCollections(connection.db, named));
  const present = named.filter((name) => described.kind !== 'found' || described.value.has(name));
  const lacksCollection = present.length < named.length;
  const each = async <T>(
    names: readonly string[],
    question: (name: string) => Promise<T>,
  ): Promise<Map<string, Probe<T>>> => {
    const asked = names.map(async (name) => [name, await ask(() => question(name))] as const);
    return new Map(await Promise.all(asked));
  };
  const samples = await each(named, (name) => sampleFields(connection, name, expected[name] ?? []));
  const indexed = neededIndexes(mapping).map(([collection]) => collection);
  const indexes = await each(indexed, (name) => readMongoIndexes(connection, name));
  const validator = await ask(() => tryMongoValidator(connection, mapping, writtenRoles(policy)));
  const [server, transactions, identity, clock, counts] = await Promise.all([
    ask(() => askMongoServer(connection)),
    ask(() => tryMongoTransactions(connection, mapping, present[0])),
    ask(() => askMongoIdentity(connection)),
    ask(() => compareClocks(() => askMongoTime(connection))),
    ask(() =>
      Promise.all([
        countDocuments(connection, teams),
        countDocuments(connection, roles),
        countOddMemberships(connection, mapping, policy),
      ]),
    ),
  ]);
  const tls = mongoTls(connection);
  const certificate =
    tls.demand === 'plain' ? undefined : await ask(() => askMongoCertificate(connection, patience.connectMs));
  const reading = [...samples.values()].map(({ kind }) => kind);
  const access = reading.includes('denied') ? 'denied' : reading.includes('found') ? 'allowed' : 'unknown';
  const privileges = (needed: 'plan' | 'apply'): CheckResult =>
    judged(identity, (who) => judgeMongoPrivileges(who, access, database, mapping, needed));
  return {
    connection: verdict(`${connection.address}, database ${database}`),
    encryption: judgeMongoEncryption(tls, certificate?.kind === 'found' ? certificate.value : null, now),
    version: judged(server, judgeMongoVersion),
    transactions: judged(transactions, (tried) =>
      judgeMongoTransactions(connection.topology, tried, purpose),
    ),
    collections: judgeCollections(described, samples, mapping),
    indexes: lacksCollection
      ? notMade('a collection is missing')
      : judgeMongoIndexes(indexes, database, mapping),
    rules: judgeMongoRules(indexes.get(roles), validator, database, mapping),
    'privileges-plan': privileges('plan'),
    'privileges-apply': privileges('apply'),
    clock: judged(clock, judgeClock),
    rows: judged(counts, ([inTeams, inRoles, odd]) =>
      judgeRowCounts({ teams: inTeams, 'role documents': inRoles }, oddMemberships(odd, mapping)),
    ),
  };
}

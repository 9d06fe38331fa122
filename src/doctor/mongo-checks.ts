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
import { failure, judged, notMade, probe, result, verdict, type Probe } from './verdict.js';
import { checkMongoVersion } from './version.js';

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
  const check = async (make: () => Promise<CheckResult>): Promise<CheckResult> => result(await ask(make));
  const { teams, roles } = mapping.mongo.collections;
  const expected = expectedFields(mapping);
  const named = Object.keys(expected);
  const described = await ask(() => describeCollections(connection.db, named));
  const present = named.filter((name) => described.kind !== 'found' || described.value.has(name));
  const each = async <T>(names: readonly string[], question: (name: string) => Promise<T>) => {
    const asked = names.map(async (name) => [name, await ask(() => question(name))] as const);
    return new Map(await Promise.all(asked));
  };
  const samples = await each(named, (name) => sampleFields(connection, name, expected[name] ?? []));
  const indexed = neededIndexes(mapping).map(([collection]) => collection);
  const indexes = await each(indexed, (name) => readMongoIndexes(connection, name));
  const validator = await ask(() => tryMongoValidator(connection, mapping, writtenRoles(policy)));
  const [version, transactions, identity, clock, rows] = await Promise.all([
    check(() => checkMongoVersion(connection)),
    check(async () => {
      const tried = await tryMongoTransactions(connection, mapping, present[0]);
      return judgeMongoTransactions(connection.topology, tried, purpose);
    }),
    ask(() => askMongoIdentity(connection)),
    check(async () => judgeClock(await compareClocks(() => askMongoTime(connection)))),
    check(async () => {
      const [inTeams, inRoles, odd] = await Promise.all([
        countDocuments(connection, teams),
        countDocuments(connection, roles),
        countOddMemberships(connection, mapping, policy),
      ]);
      return judgeRowCounts({ teams: inTeams, 'role documents': inRoles }, oddMemberships(odd, mapping));
    }),
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
    version,
    transactions,
    collections: judgeCollections(described, samples, mapping),
    indexes:
      present.length < named.length
        ? notMade('a collection is missing')
        : judgeMongoIndexes(indexes, database, mapping),
    rules: judgeMongoRules(indexes.get(roles), validator, database, mapping),
    'privileges-plan': privileges('plan'),
    'privileges-apply': privileges('apply'),
    clock,
    rows,
  };
}

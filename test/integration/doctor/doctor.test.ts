import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedMongo } from '../../../src/sandbox/embedded-mongo.js';
import { createTestDatabases, fileDatabases } from '../../servers.js';
import { checkOf, examine, resultOf, said, seen, troubles } from './examination.js';
import { startTlsFront } from './tls-front.js';

const databases = await fileDatabases('sample');

test('on a healthy pair nothing fails, and nothing is written', async () => {
  const contents = (): Promise<unknown> =>
    Promise.all([
      databases.mongo.collection('user_roles').find().sort({ _id: 1 }).toArray(),
      databases.mongo.listCollections({}, { nameOnly: true }).toArray(),
      databases.pg
        .query<object>('SELECT xmin, * FROM postgres_user_roles ORDER BY id')
        .then(({ rows }) => rows),
      databases.pg.query<object>('SELECT relname FROM pg_class ORDER BY relname').then(({ rows }) => rows),
    ]);
  const before = await contents();
  const checks = await examine(databases);
  // Authentication is off in our mongod and in the engine, the engine has no snapshot reads, and some memberships are odd.
  const known = ['privileges-plan', 'transactions', 'rows'].map((check) => `mongo.${check}: warning`);
  expect(troubles(checks).filter((trouble) => !known.includes(trouble))).toEqual([]);
  expect(said(resultOf(checks, 'mongo', 'privileges-plan'))).toContain('does not ask who connects');
  expect(seen(resultOf(checks, 'mongo', 'rows'))).toMatch(/^warning: \d+ teams, \d+ role/);
  expect(said(resultOf(checks, 'mongo', 'rows'))).toContain('neither true nor false in 3 of them');
  expect(await contents()).toEqual(before);
});

test('a store that cannot be reached is one failure; what depends on it was not made, the other store is checked', async () => {
  const uri = 'mongodb://somebody:c4n4ry@127.0.0.1:1/?directConnection=true';
  const checks = await examine(databases, { mongo: { uri } });
  const ofMongo = checks.filter(({ store }) => store === 'mongo').map(({ result }) => result.status);
  expect(ofMongo).toEqual(['failed', ...ofMongo.slice(1).map(() => 'not-made')]);
  expect(troubles(checks).filter((trouble) => trouble.startsWith('postgres'))).toEqual([]);
  expect(JSON.stringify(checks)).not.toContain('c4n4ry');

  const others = await examine(databases, { postgres: { port: 1, password: 'c4n4ry' } });
  const ofPostgres = others.filter(({ store }) => store === 'postgres').map(({ result }) => result.status);
  expect(ofPostgres).toEqual(['failed', ...ofPostgres.slice(1).map(() => 'not-made')]);
  expect(resultOf(others, 'mongo', 'collections').status).toBe('passed');
  expect(JSON.stringify(others)).not.toContain('c4n4ry');
});

test('a standalone MongoDB: transactions are tried, refused, and the way out is named', async () => {
  const standalone = await startEmbeddedMongo({ topology: 'standalone', durability: 'off' });
  onTestFinished(() => standalone.stop());
  const mongo = { uri: standalone.uri };
  const result = await checkOf(databases, 'mongo.transactions', { mongo });
  expect(seen(result)).toContain('warning: a standalone server; transactions are refused');
  expect(JSON.stringify(result)).toContain('apply --allow-no-transactions');
  expect(
    JSON.stringify(await checkOf(databases, 'mongo.transactions', { mongo, purpose: 'plan' })),
  ).not.toContain('apply --allow');
});

test('what stands in between and leaves each connection its server process is not blamed', async () => {
  const url = new URL(databases.postgresUrl);
  const front = await startTlsFront({ host: url.hostname, port: Number(url.port || '5432') }, 'postgres');
  onTestFinished(() => front.stop());
  const kept = await checkOf(databases, 'postgres.session', {
    postgres: { port: front.port, ssl: 'require' },
  });
  expect(seen(kept)).toMatch(/^passed: /);
});

test('the certificates of both servers are looked at', async () => {
  const url = new URL(databases.postgresUrl);
  const postgres = await startTlsFront({ host: url.hostname, port: Number(url.port || '5432') }, 'postgres');
  onTestFinished(() => postgres.stop());
  const [mongoHost = '', mongoPort = ''] = new URL(databases.mongoUri).host.split(':');
  const mongo = await startTlsFront({ host: mongoHost, port: Number(mongoPort) }, 'at-once');
  onTestFinished(() => mongo.stop());
  const checks = await examine(databases, {
    mongo: {
      uri: `mongodb://127.0.0.1:${mongo.port}/?directConnection=true&tls=true&tlsAllowInvalidCertificates=true`,
    },
    postgres: { port: postgres.port, ssl: 'require' },
  });
  for (const store of ['mongo', 'postgres'] as const) {
    expect(seen(resultOf(checks, store, 'encryption'))).toMatch(
      /^passed: TLSv1\.3, certificate of CN=localhost, O=fix-roles tests by CN=localhost, O=fix-roles tests, valid for \d{5} days; the certificate is not checked$/,
    );
  }
  const distrusted = await examine(databases, { postgres: { port: postgres.port, ssl: 'verify-full' } });
  expect(said(resultOf(distrusted, 'postgres', 'connection'))).toContain('self-signed certificate');
});

test.each([
  ['no document', 'snapshot reads work'],
  ['no teams', 'snapshot reads work'],
  ['no collection', 'snapshot reads were not tried: there is no collection yet'],
] as const)('a MongoDB database with %s is not said to lack snapshot reads', async (what, words) => {
  const other = await createTestDatabases();
  onTestFinished(() => other.drop());
  if (what === 'no collection') await other.mongo.dropDatabase();
  if (what === 'no teams') await other.mongo.collection('teams').drop();
  const usual = seen(resultOf(await examine(databases), 'mongo', 'transactions'));
  const found = seen(resultOf(await examine(other), 'mongo', 'transactions'));
  // An engine without snapshots lacks them wherever there is a collection to try it on.
  if (usual.includes('snapshot reads work') || what === 'no collection') expect(found).toContain(words);
});

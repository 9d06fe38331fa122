import { describe, expect, test } from 'vitest';
import { judgeClock } from '../../../src/doctor/clock.js';
import {
  judgeMongoEncryption,
  judgePostgresEncryption,
  type Encryption,
} from '../../../src/doctor/encryption.js';
import { judgeRowCounts, oddMemberships } from '../../../src/doctor/row-counts.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { judgeMongoTransactions, judgePostgresTransactions } from '../../../src/doctor/transactions.js';
import { judgePostgresVersion } from '../../../src/doctor/version.js';
import { judgeSession } from '../../../src/doctor/pooler.js';
import type { PostgresSettings } from '../../../src/stores/postgres/connection.js';
import type { CheckResult } from '../../../src/model/doctor-check.js';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const DAY = 86_400_000;

function problemsOf(result: CheckResult): string[] {
  return result.status === 'failed' || result.status === 'warning'
    ? result.problems.map(({ problem }) => problem)
    : [];
}

describe('encryption', () => {
  const withDays = (days: number): Encryption => ({
    protocol: 'TLSv1.3',
    certificate: { subject: 'CN=db', issuer: 'CN=ca', validUntil: NOW + days * DAY },
  });
  const postgres = (
    ssl: PostgresSettings['ssl'],
    host: string,
    encryption: Encryption | null = withDays(300),
    sslRootCert?: string,
  ): CheckResult => judgePostgresEncryption({ host, ssl, sslRootCert }, encryption, NOW);

  test.each([
    ['disable', '127.0.0.1', 'passed'],
    ['disable', 'localhost', 'passed'],
    ['disable', '::1', 'passed'],
    ['disable', '/run/postgresql', 'passed'],
    ['disable', '10.0.0.7', 'warning'],
    ['disable', 'localhost.example.org', 'warning'],
    ['require', 'localhost', 'passed'],
    ['require', 'db.example.org', 'warning'],
    ['verify-ca', 'db.example.org', 'warning'],
    ['verify-full', 'db.example.org', 'passed'],
  ] as const)('%s to %s: %s', (ssl, host, status) => {
    expect(postgres(ssl, host, ssl === 'disable' ? null : withDays(300)).status).toBe(status);
  });

  test('verify-ca with an authority of one’s own is fine', () => {
    expect(postgres('verify-ca', 'db.example.org', withDays(300), 'ca.pem').status).toBe('passed');
  });

  test('says whose certificate it is, and how long it is valid', () => {
    expect(postgres('verify-full', 'db.example.org', withDays(300))).toEqual({
      status: 'passed',
      found:
        'TLSv1.3, certificate of CN=db by CN=ca, valid for 300 days; issued by a trusted authority for this very name',
    });
    expect(problemsOf(postgres('verify-full', 'h', withDays(20)))).toEqual([
      'the certificate expires in 20 days',
    ]);
    expect(problemsOf(postgres('verify-full', 'h', withDays(21)))).toEqual([]);
    expect(problemsOf(postgres('require', 'localhost', withDays(-2)))).toEqual([
      'the certificate expired 2 days ago, which only goes unnoticed because nobody checks',
    ]);
  });

  test('MongoDB: one host elsewhere is enough for a warning', () => {
    const judged = (hosts: string[]): CheckResult =>
      judgeMongoEncryption({ hosts, demand: 'plain' }, null, NOW);
    expect(judged(['localhost', '127.0.0.1']).status).toBe('passed');
    expect(judged(['localhost', 'db.example.org']).status).toBe('warning');
  });
});

test('a clock counts as wrong only by more than the measurement may be', () => {
  expect(judgeClock({ aheadMs: 4_900, uncertaintyMs: 1 }).status).toBe('passed');
  expect(judgeClock({ aheadMs: -5_100, uncertaintyMs: 1 }).status).toBe('warning');
  expect(judgeClock({ aheadMs: 5_100, uncertaintyMs: 400 }).status).toBe('passed');
  expect(judgeClock({ aheadMs: -90_000, uncertaintyMs: 20 })).toMatchObject({
    found: '90 s behind this machine, give or take 0.02 s',
  });
});

test('what cannot be written will do for plan, not for apply; old servers will not do', () => {
  const primary = {
    version: 150_000,
    citus: false,
    kind: 'primary',
    writing: 'allowed',
    path: 'direct',
  } as const;
  const standby = { ...primary, kind: 'standby', writing: 'read-only' } as const;
  const handsOff = { ...primary, writing: 'read-only' } as const;
  expect(judgePostgresTransactions(standby, null, 'plan').status).toBe('warning');
  expect(judgePostgresTransactions(standby, null, 'apply').status).toBe('failed');
  expect(judgePostgresTransactions(handsOff, null, 'plan').status).toBe('passed');
  expect(judgePostgresTransactions(handsOff, null, 'apply').status).toBe('failed');
  const asReplica = { ...primary, writing: 'as-replica' } as const;
  expect(judgePostgresTransactions(asReplica, null, 'plan').status).toBe('passed');
  expect(problemsOf(judgePostgresTransactions(asReplica, null, 'apply'))).toEqual([
    expect.stringContaining('session_replication_role'),
  ]);
  expect(judgePostgresTransactions(primary, null, 'apply').status).toBe('passed');
  expect(judgePostgresVersion({ version: '10.23', major: 10 }).status).toBe('failed');
  expect(judgePostgresVersion({ version: '11.0', major: 11 }).status).toBe('passed');
});

test('refused transactions fail on anything but a standalone server', () => {
  const refused = { transactions: { kind: 'refused', problem: 'no' }, snapshots: 'work' } as const;
  expect(judgeMongoTransactions('replicaSet', refused, 'apply').status).toBe('failed');
  expect(judgeMongoTransactions('standalone', refused, 'apply').status).toBe('warning');
  expect(judgeMongoTransactions('replicaSet', refused, 'plan').status).toBe('passed');
});

test('sessions that are shared fail, one of its own passes whatever stands in between', () => {
  for (const path of ['direct', 'something-between'] as const) {
    expect(judgeSession({ shared: true, path }).status).toBe('failed');
    expect(judgeSession({ shared: false, path }).status).toBe('passed');
  }
});

test('estimates are called so, and emptiness is remarked upon', () => {
  expect(judgeRowCounts({ teams: { rows: 2_000_000, kind: 'estimate' } })).toEqual({
    status: 'passed',
    found: 'about 2,000,000 (an estimate of the server) teams',
  });
  expect(problemsOf(judgeRowCounts({ teams: { rows: 0, kind: 'exact' } }))).toEqual(['there are no teams']);
});

test('memberships that do not say whether they are active are warned of, with their count', () => {
  const filled = { teams: { rows: 3, kind: 'exact' } } as const;
  expect(judgeRowCounts(filled, oddMemberships({ rows: 0, of: 'all' }, DEFAULT_MAPPING)).status).toBe(
    'passed',
  );
  const result = judgeRowCounts(filled, oddMemberships({ rows: 7, of: 'all' }, DEFAULT_MAPPING));
  expect(result.status).toBe('warning');
  expect(problemsOf(result)).toEqual([
    expect.stringMatching(/^user_team_details\.is_active does not .* in 7 of them$/),
  ]);
});

test.for([0, 7])('where not all memberships were looked at, that is said, odd ones (%d) or not', (rows) => {
  const filled = { teams: { rows: 3, kind: 'exact' } } as const;
  const result = judgeRowCounts(filled, oddMemberships({ rows, of: 100_000 }, DEFAULT_MAPPING));
  expect(result).toMatchObject({
    status: rows === 0 ? 'passed' : 'warning',
    found: '3 teams; of the memberships only the first 100,000: all would take too long',
  });
  if (rows > 0) expect(problemsOf(result)).toEqual([expect.stringMatching(/in 7 of the first 100,000$/)]);
});

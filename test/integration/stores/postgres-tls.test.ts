import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parsePostgres, type SslMode } from '../../../src/config/postgres.js';
import { Complaints } from '../../../src/config/complaint.js';
import { readVariables } from '../../../src/config/variables.js';
import { connectPostgres } from '../../../src/stores/postgres/connection.js';
import type { Failure } from '../../../src/model/failure.js';
import { failureOf } from '../../failure.js';
import { CertificateMaker } from './certificates.js';
import { TlsServer } from './tls-server.js';

vi.setConfig({ testTimeout: 120_000 });

const folder = await mkdtemp(join(tmpdir(), 'fix-roles-tls-'));
const make = new CertificateMaker(folder);
const authority = await make.authority();
const server = await TlsServer.start();
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

/** Whether a connection with these settings is encrypted. */
async function connecting(ssl: SslMode, sslRootCert?: string): Promise<boolean> {
  const { port, user, password } = server.server;
  const parts = [
    `postgres://${user}:${password}@localhost:${port}/postgres?sslmode=${ssl}`,
    ...(sslRootCert === undefined ? [] : [`sslrootcert=${encodeURIComponent(sslRootCert)}`]),
  ];
  // As a person would say it, so that the way from the variable to the socket is proved.
  const complaints = new Complaints();
  const environment = { POSTGRES_URL: parts.join('&') };
  const variables = await readVariables({ directory: folder, environment, envFile: undefined }, complaints);
  const settings = parsePostgres(variables, complaints);
  if (settings === undefined) throw new Error('the settings are not valid');
  const connection = await connectPostgres(settings, { applicationName: 'fix-roles test' });
  try {
    const { rows } = await connection.session.query<{ ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return rows[0]?.ssl ?? false;
  } finally {
    await connection.close();
  }
}

async function refusal(ssl: SslMode, sslRootCert?: string): Promise<Failure['text']> {
  const { text } = await failureOf(connecting(ssl, sslRootCert));
  expect(JSON.stringify(text)).not.toContain(server.server.password);
  return text;
}

test('a server without TLS is refused, unless TLS is not wanted', async () => {
  expect(await connecting('disable')).toBe(false);
  for (const mode of ['require', 'verify-ca', 'verify-full'] as const) {
    const { problem, next } = await refusal(mode);
    expect(problem).toContain('does not support SSL');
    expect(next).toContain('POSTGRES_SSLMODE=disable');
  }
});

describe('a certificate of an own authority', () => {
  beforeAll(async () => server.use(await make.signed(authority, 'localhost', 'valid')));

  test('is accepted where that authority is named', async () => {
    expect(await connecting('verify-full', authority.certificate)).toBe(true);
    expect(await connecting('verify-ca', authority.certificate)).toBe(true);
  });

  test('is refused where it is not, or another one is', async () => {
    const other = await make.authority();
    for (const root of [undefined, other.certificate]) {
      for (const mode of ['verify-ca', 'verify-full'] as const)
        expect((await refusal(mode, root)).next).toContain('POSTGRES_SSLROOTCERT');
    }
  });

  test('only encrypts under require', async () => {
    expect(await connecting('require')).toBe(true);
  });

  test('a file of authorities that is missing, or is none, is named', async () => {
    const missing = join(folder, 'missing.pem');
    expect((await refusal('verify-full', missing)).doing).toContain(missing);
    const garbage = join(folder, 'garbage.pem');
    await writeFile(garbage, 'not a certificate');
    expect(await refusal('verify-full', garbage)).toMatchObject({
      doing: `reading the trusted certificates ${garbage}`,
      problem: 'there is no certificate in it',
    });
  });
});

test('a certificate of another host name is refused, unless only the authority matters', async () => {
  await server.use(await make.signed(authority, 'db.example.test', 'valid'));
  const { problem, next } = await refusal('verify-full', authority.certificate);
  expect(problem).toContain('db.example.test');
  expect(next).toContain('POSTGRES_SSLMODE=verify-ca');
  expect(await connecting('verify-ca', authority.certificate)).toBe(true);
});

test('a self-signed certificate is refused, unless it is itself trusted', async () => {
  const own = await make.selfSigned('localhost');
  await server.use(own);
  expect((await refusal('verify-full')).problem).toContain('self-signed');
  expect((await refusal('verify-full', authority.certificate)).next).toContain('POSTGRES_SSLROOTCERT');
  expect(await connecting('verify-full', own.certificate)).toBe(true);
});

test('who does not encrypt is told to, where only who encrypts is let in', async () => {
  await server.use(await make.signed(authority, 'localhost', 'valid'));
  await server.lettingInOnlyEncrypted(async () => {
    const { problem, next } = await refusal('disable');
    expect(problem).toContain('no pg_hba.conf entry');
    expect(next).toMatch(/^Set POSTGRES_SSLMODE=verify-full/);
    expect(await connecting('verify-full', authority.certificate)).toBe(true);
  });
});

test('an expired certificate is refused, whoever signed it', async () => {
  await server.use(await make.signed(authority, 'localhost', 'expired'));
  for (const mode of ['verify-ca', 'verify-full'] as const) {
    const { problem, next } = await refusal(mode, authority.certificate);
    expect(problem).toContain('expired');
    expect(next).toContain('renewed');
  }
});

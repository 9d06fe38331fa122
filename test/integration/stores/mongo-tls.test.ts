import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import { Failure } from '../../../src/model/failure.js';
import { ReplicaSet } from '../../replica-set.js';
import { CertificateMaker } from './certificates.js';

const folder = await mkdtemp(join(tmpdir(), 'fix-roles-mongo-tls-'));
const make = new CertificateMaker(folder);
const authority = await make.authority();
const { certificate, key } = await make.signed(authority, 'localhost', 'valid');
const keyFile = join(folder, 'server.pem');
await writeFile(keyFile, Buffer.concat([await readFile(key), await readFile(certificate)]));
const tls = ['--tlsCertificateKeyFile', keyFile, '--tlsCAFile', authority.certificate];
const [plain, encrypted] = await Promise.all([
  ReplicaSet.start({ members: 1 }),
  ReplicaSet.start({
    members: 1,
    arguments: ['--tlsMode', 'preferTLS', ...tls, '--tlsAllowConnectionsWithoutCertificates'],
  }),
]);
// From here on it talks to nobody without TLS.
await encrypted.nodes[0]?.admin({ setParameter: 1, tlsMode: 'requireTLS' });
afterAll(async () => {
  await Promise.all([plain.stop(), encrypted.stop()]);
  await rm(folder, { recursive: true });
});

/** How connecting with these parameters ends: without an error, or with what a person is told. */
async function connecting(set: ReplicaSet, parameters: string): Promise<'connected' | Failure['text']> {
  const uri = `mongodb://localhost:${set.nodes[0]?.port}/?directConnection=true${parameters}`;
  try {
    const connection = await connectMongo({ uri, database: 'any' }, { purpose: 'plan', timeoutMs: 3_000 });
    await connection.close();
    return 'connected';
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return error.text;
  }
}

test('the right file of authorities lets in', async () => {
  expect(await connecting(encrypted, `&tls=true&tlsCAFile=${authority.certificate}`)).toBe('connected');
  expect(await connecting(plain, '')).toBe('connected');
});

test('a plain client of a server that wants TLS is told of tls=true', async () => {
  expect(await connecting(encrypted, '')).toMatchObject({
    next: expect.stringMatching(/^Add tls=true to MONGODB_URI/) as unknown,
  });
});

test.each(['&tls=true', '&ssl=true', '&tls=true&tlsAllowInvalidCertificates=true'])(
  'a client with %s of a server without TLS is told to take it out',
  async (parameters) => {
    expect(await connecting(plain, parameters)).toMatchObject({
      next: expect.stringMatching(/^Take tls=true .* out of MONGODB_URI/) as unknown,
    });
  },
);

test('where no file of authorities is named, it is asked for; where the wrong one is, it is named', async () => {
  expect(await connecting(encrypted, '&tls=true')).toMatchObject({
    next: expect.stringContaining('tlsCAFile=…') as unknown,
  });
  const other = (await make.authority()).certificate;
  expect(await connecting(encrypted, `&tls=true&tlsCAFile=${other}`)).toMatchObject({
    next: expect.stringContaining(other) as unknown,
  });
});

test.each(['tlsCAFile', 'tlsCRLFile', 'tlsCertificateKeyFile'])(
  'a file of %s that is missing is named',
  async (name) => {
    const missing = join(folder, 'missing.pem');
    expect(await connecting(encrypted, `&tls=true&${name}=${missing}`)).toMatchObject({
      problem: expect.stringContaining(missing) as unknown,
      next: `Correct ${name} in MONGODB_URI, or take it out.`,
    });
  },
);

test('a file without a key is named by its parameter', async () => {
  const garbage = join(folder, 'garbage.pem');
  await writeFile(garbage, 'no key');
  expect(await connecting(encrypted, `&tls=true&tlsCertificateKeyFile=${garbage}`)).toMatchObject({
    next: 'Correct tlsCertificateKeyFile in MONGODB_URI, or take it out.',
  });
});

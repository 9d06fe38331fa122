import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { connectMongo } from '../../../src/stores/mongo/connection.js';
import type { Failure } from '../../../src/model/failure.js';
import { failureOf } from '../../failure.js';
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

async function connecting(set: ReplicaSet, parameters: string): Promise<void> {
  const uri = `mongodb://localhost:${set.nodes[0]?.port}/?directConnection=true${parameters}`;
  await (await connectMongo({ uri, database: 'any' }, { purpose: 'plan', timeoutMs: 3_000 })).close();
}

/** What a person is told who cannot connect with these parameters. */
async function refusal(set: ReplicaSet, parameters: string): Promise<Failure['text']> {
  return (await failureOf(connecting(set, parameters))).text;
}

test('the right file of authorities lets in', async () => {
  await connecting(encrypted, `&tls=true&tlsCAFile=${authority.certificate}`);
  await connecting(plain, '');
});

test('a plain client of a server that wants TLS is told of tls=true', async () => {
  expect((await refusal(encrypted, '')).next).toMatch(/^Add tls=true to MONGODB_URI/);
});

test.each(['&tls=true', '&ssl=true', '&tls=true&tlsAllowInvalidCertificates=true'])(
  'a client with %s of a server without TLS is told to take it out',
  async (parameters) => {
    expect((await refusal(plain, parameters)).next).toMatch(/^Take tls=true .* out of MONGODB_URI/);
  },
);

test('where no file of authorities is named, it is asked for; where the wrong one is, it is named', async () => {
  expect((await refusal(encrypted, '&tls=true')).next).toContain('tlsCAFile=…');
  const other = (await make.authority()).certificate;
  expect((await refusal(encrypted, `&tls=true&tlsCAFile=${other}`)).next).toContain(other);
});

test.each(['tlsCAFile', 'tlsCRLFile', 'tlsCertificateKeyFile'])(
  'a file of %s that is missing is named',
  async (name) => {
    const missing = join(folder, 'missing.pem');
    expect(await refusal(encrypted, `&tls=true&${name}=${missing}`)).toMatchObject({
      problem: expect.stringContaining(missing) as unknown,
      next: `Correct ${name} in MONGODB_URI, or take it out.`,
    });
  },
);

test('a file without a key is named by its parameter', async () => {
  const garbage = join(folder, 'garbage.pem');
  await writeFile(garbage, 'no key');
  expect(await refusal(encrypted, `&tls=true&tlsCertificateKeyFile=${garbage}`)).toMatchObject({
    next: 'Correct tlsCertificateKeyFile in MONGODB_URI, or take it out.',
  });
});

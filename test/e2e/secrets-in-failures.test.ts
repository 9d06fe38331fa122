import { createPrivateKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { CERTIFICATE, KEY, startTlsFront, type Front } from '../integration/doctor/tls-front.js';
import { GuardedServers, MONGO, POSTGRES, WRONG } from './guarded-servers.js';
import { hunt, hunted } from './password-hunt.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const servers = await GuardedServers.start();
afterAll(() => servers.stop());

/** Surroundings in which nothing can be opened, each with the passwords in another place. */
async function badSurroundings(
  cwd: string,
  env: Record<string, string>,
  fronts: Readonly<Record<'mongo' | 'postgres', Front>>,
): Promise<Record<string, Record<string, string>>> {
  const address = `127.0.0.1:${servers.mongoPort}/?replicaSet=rs0`;
  const url = (rest: string): string => `postgres://keeper:${POSTGRES.encoded}@${rest}`;
  const certificate = join(cwd, 'client.pem');
  const encrypted = createPrivateKey(KEY).export({
    ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' },
    passphrase: 'another one',
  });
  await writeFile(certificate, `${CERTIFICATE}\n${String(encrypted)}`);
  const nobody = '127.0.0.1:9/?serverSelectionTimeoutMS=300';
  return {
    'wrong password': { ...env, ...servers.surroundings('parts', { mongo: WRONG, postgres: WRONG }) },
    'MongoDB that refuses the user': { ...env, MONGODB_URI: `mongodb://u:${MONGO.encoded}@${address}` },
    'nobody there': {
      MONGODB_URI: `mongodb://u:${MONGO.encoded}@${nobody}`,
      ...{ DB_NAME: 'teams', POSTGRES_URL: url('127.0.0.1:9/x?sslmode=disable') },
    },
    'no such host': { ...env, MONGODB_URI: `mongodb+srv://u:${MONGO.encoded}@nowhere.invalid/` },
    'a server without TLS': {
      ...{
        DB_NAME: 'teams',
        POSTGRES_URL: url(`localhost:${servers.postgres.port}/postgres?sslmode=verify-full`),
      },
    },
    'certificates that nobody vouches for': {
      MONGODB_URI: `mongodb://u:${MONGO.encoded}@localhost:${fronts.mongo.port}/?tls=true&directConnection=true`,
      DB_NAME: 'teams',
      POSTGRES_URL: url(`localhost:${fronts.postgres.port}/postgres?sslmode=verify-full`),
    },
    'a key of the client that the password does not open': {
      ...env,
      MONGODB_URI: `mongodb://localhost:${fronts.mongo.port}/?tls=true&tlsCertificateKeyFile=${encodeURIComponent(certificate)}&tlsCertificateKeyFilePassword=${MONGO.encoded}`,
    },
    'authorities that are none': {
      MONGODB_URI: `mongodb://u:${MONGO.encoded}@localhost:${fronts.mongo.port}/?tls=true&tlsCAFile=${encodeURIComponent(join(cwd, 'none.pem'))}`,
      DB_NAME: 'teams',
      POSTGRES_URL: url(
        `localhost:${fronts.postgres.port}/postgres?sslmode=verify-ca&sslrootcert=${encodeURIComponent(join(cwd, 'none.pem'))}`,
      ),
    },
    'a password that is not encoded': {
      ...{ MONGODB_URI: `mongodb://u:${MONGO.password}@${address}`, DB_NAME: 'teams' },
      POSTGRES_URL: `postgres://keeper:${POSTGRES.password}@localhost/x`,
    },
    'a password in place of everything else': {
      ...{ MONGODB_URI: MONGO.password, DB_NAME: MONGO.password },
      ...{ POSTGRES_HOST: POSTGRES.password, POSTGRES_PORT: POSTGRES.password, POSTGRES_DB: '\u0001' },
      ...{ POSTGRES_USER: 'u', POSTGRES_PASSWORD: POSTGRES.password, POSTGRES_SSLMODE: POSTGRES.password },
    },
  };
}

test('passwords are in nothing that a bad run says, of any command that connects', async () => {
  const fronts = {
    mongo: await startTlsFront({ host: '127.0.0.1', port: servers.mongoPort }, 'at-once'),
    postgres: await startTlsFront(servers.postgres, 'postgres'),
  };
  try {
    await hunt(servers, 'parts', async ({ place, env }) => {
      for (const line of [
        'plan -o plan.json',
        'apply plan.json --yes --limit 1 --max-removals 1000',
        'revert plan.json.receipt.jsonl -o revert.json',
        'apply revert.json --of plan.json.receipt.jsonl --yes',
      ])
        expect([0, 5], line).toContain((await hunted(line.split(' '), env, place)).code);
      for (const [what, variables] of Object.entries(await badSurroundings(place.cwd, env, fronts))) {
        const lines = [
          ...['plan --verbose', 'apply plan.json --yes --json', 'verify plan.json --json'],
          ...['revert plan.json.receipt.jsonl --verbose', 'doctor --verbose', 'init -o -'],
        ];
        const runs = lines.map(async (line) => {
          const { code } = await hunted(line.split(' '), { ...variables, DEBUG: 'fix-roles*' }, place);
          expect(code, `${what}: ${line}`).toBe(1);
        });
        await Promise.all(runs);
      }
    });
  } finally {
    await Promise.all([fronts.mongo.stop(), fronts.postgres.stop()]);
  }
});

test('a password that somebody types where none belongs is not said', async () => {
  await hunt(servers, 'parts', async ({ place, env }) => {
    expect((await hunted(['plan', '-o', 'plan.json'], env, place)).code).toBe(0);
    const url = `postgres://keeper:${POSTGRES.encoded}@127.0.0.1:9/x`;
    const misuses: readonly (readonly [number, ...string[]])[] = [
      ...[['plan', url], [url], ['plan', `--team=${url}`, `--as-of=${url}`], ['sandbox', url]].map(
        (args) => [64, ...args] as const,
      ),
      ...[
        ['diff', 'plan.json', url],
        ['show', url],
        ['verify', url],
        ['revert', url, '-o', 'x.json'],
      ].map((args) => [1, ...args] as const),
      [1, 'plan', '-o', `${url}/plan.json`],
      [1, 'plan', '--config', url],
      [1, 'plan', '--dotenv', url],
      [1, 'approve', 'plan.json', '--key', url],
    ];
    for (const [code, ...args] of misuses)
      expect((await hunted(args, env, place)).code, args.join(' ')).toBe(code);
  });
});

import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';
import { startMongoStandIn, type MongoStandIn } from '../../src/sandbox/mongo-stand-in/index.js';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/schema.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { canary, CanaryHunter } from './canaries.js';
import { emptyDirectory } from './cli.js';

// Many processes, one after the other, perhaps on a busy machine.
vi.setConfig({ testTimeout: 400_000 });

const BIN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const MONGO = canary('mongo');
const POSTGRES = canary('postgres');
const WRONG = canary('wrong');
const ALL = [MONGO, POSTGRES, WRONG];

let postgres: EmbeddedPostgres;
let mongo: MongoStandIn;
let admin: pg.Client;

// Servers of its own: the role with the canary must log in with it, over scram.
beforeAll(async () => {
  [postgres, mongo] = await Promise.all([startEmbeddedPostgres({ durability: 'off' }), startMongoStandIn()]);
  admin = new pg.Client(postgres.url);
  await admin.connect();
  await admin.query("SET password_encryption = 'scram-sha-256'");
  await admin.query(`CREATE ROLE keeper LOGIN SUPERUSER PASSWORD ${admin.escapeLiteral(POSTGRES.password)}`);
  const { rows } = await admin.query<{ method: string }>(
    "SELECT auth_method AS method FROM pg_hba_file_rules WHERE type = 'host'",
  );
  expect(new Set(rows.map(({ method }) => method))).toEqual(new Set(['scram-sha-256']));
  await createPostgresSchema(admin);
  const client = new MongoClient(mongo.uri);
  try {
    await createMongoSchema(client.db('teams'));
    await insertSampleData(client.db('teams'), admin);
  } finally {
    await client.close();
  }
});
afterAll(async () => {
  await admin.end();
  await Promise.all([postgres.stop(), mongo.stop()]);
});

interface Place {
  readonly cwd: string;
  readonly hunter: CanaryHunter;
}

/** Runs the tool and searches its streams, and its command line while it runs. Returns the exit code. */
async function hunted(
  args: readonly string[],
  env: Record<string, string>,
  place: Place,
): Promise<number | null> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { cwd: place.cwd, env: { PATH, HOME, ...env } });
  let said = '';
  let looking = Promise.resolve();
  const look = (text: string): void => {
    said += text;
    const pid = child.pid ?? 0;
    looking = looking.then(() => place.hunter.searchProcesses(pid));
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', look);
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  await looking;
  place.hunter.search(`the output of fix-roles ${args.join(' ')}`, said);
  return code;
}

/** The tool is given each password in every way there is. */
function surroundings(
  given: 'url' | 'parts',
  passwords = { mongo: MONGO, postgres: POSTGRES },
): Record<string, string> {
  const address = mongo.uri.replace('mongodb://', '');
  const [mongoPassword, postgresPassword] = [passwords.mongo.encoded, passwords.postgres];
  const shared = {
    // The stand-in knows no users, so the password travels in an option that holds one as well.
    MONGODB_URI: `mongodb://${address}${address.includes('?') ? '&' : '?'}tlsCertificateKeyFilePassword=${mongoPassword}`,
    DB_NAME: 'teams',
  };
  const place = `${postgres.host}:${postgres.port}/postgres`;
  return given === 'url'
    ? { ...shared, POSTGRES_URL: `postgres://keeper:${postgresPassword.encoded}@${place}?sslmode=disable` }
    : {
        ...shared,
        ...{ POSTGRES_HOST: postgres.host, POSTGRES_PORT: String(postgres.port), POSTGRES_DB: 'postgres' },
        ...{ POSTGRES_USER: 'keeper', POSTGRES_PASSWORD: postgresPassword.password },
      };
}

interface Hunt {
  readonly place: Place;
  /** What is in order is given in this way. */
  readonly env: Record<string, string>;
}

async function hunt(given: 'url' | 'parts', act: (hunt: Hunt) => Promise<void>): Promise<void> {
  const cwd = await emptyDirectory();
  const place = { cwd, hunter: new CanaryHunter(ALL) };
  const variables = surroundings(given);
  const planted = join(cwd, '.env');
  // Half in the file, half in the real environment.
  const { MONGODB_URI = '', ...env } = variables;
  await writeFile(planted, `MONGODB_URI='${MONGODB_URI}'\nSECRET_ELSE='${WRONG.encoded}'\n`, { mode: 0o600 });
  await act({ place, env: { ...env, DEBUG: 'fix-roles*' } });
  await place.hunter.searchFolder(cwd, [planted]);
  expect(place.hunter.leaks).toEqual([]);
  expect(place.hunter.searched).toBeGreaterThan(20);
}

describe.each(['url', 'parts'] as const)('passwords given as %s', (given) => {
  test('are in nothing that a good run leaves or shows', async () => {
    await hunt(given, async ({ place, env }) => {
      const endings: Record<string, number | null> = {};
      for (const line of [
        'plan --verbose -o plan.json --force',
        'plan --json --verbose',
        'show plan.json --format html -o plan.html',
        'show plan.json --format markdown -o plan.md',
        'show plan.json --json --verbose',
        'show plan.json',
        'verify plan.json --verbose',
        'verify plan.json --reproduce --json',
        'diff plan.json plan.json --json --verbose',
        'apply plan.json --yes --verbose --max-removals 1000',
        'show plan.json.receipt.jsonl',
        'show plan.json.receipt.jsonl --json',
        'revert plan.json.receipt.jsonl -o revert.json --verbose',
        'show revert.json',
        'apply revert.json --of plan.json.receipt.jsonl --yes --json --verbose --max-removals 1000',
        'schema config --verbose',
      ])
        endings[line] = await hunted(line.split(' '), env, place);
      expect(Object.entries(endings).filter(([, code]) => code !== 0)).toEqual([]);
    });
  });
});

test('passwords are in nothing that a bad run says', async () => {
  await hunt('parts', async ({ place, env }) => {
    await mkdir(join(place.cwd, 'apart'));
    expect(await hunted(['plan', '-o', 'plan.json'], env, place)).toBe(0);
    const wrong = surroundings('parts', { mongo: WRONG, postgres: WRONG });
    const address = mongo.uri.replace('mongodb://', '');
    const bad: Record<string, Record<string, string>> = {
      'wrong password': { ...env, ...wrong },
      'MongoDB that refuses the user': { ...env, MONGODB_URI: `mongodb://u:${MONGO.encoded}@${address}` },
      'nobody there': {
        ...{
          MONGODB_URI: `mongodb://u:${MONGO.encoded}@127.0.0.1:9/?serverSelectionTimeoutMS=300`,
          DB_NAME: 'teams',
        },
        POSTGRES_URL: `postgres://keeper:${POSTGRES.encoded}@127.0.0.1:9/x?sslmode=disable`,
      },
      'no such host': { ...env, MONGODB_URI: `mongodb+srv://u:${MONGO.encoded}@nowhere.invalid/` },
      'a server without TLS': {
        DB_NAME: 'teams',
        POSTGRES_URL: `postgres://keeper:${POSTGRES.encoded}@localhost:${postgres.port}/postgres?sslmode=verify-full`,
      },
      'a password that is not encoded': {
        MONGODB_URI: `mongodb://u:${MONGO.password}@${address}`,
        DB_NAME: 'teams',
        POSTGRES_URL: `postgres://keeper:${POSTGRES.password}@localhost/x`,
      },
      'a password in place of everything else': {
        MONGODB_URI: MONGO.password,
        DB_NAME: MONGO.password,
        ...{ POSTGRES_HOST: POSTGRES.password, POSTGRES_PORT: POSTGRES.password, POSTGRES_DB: '\u0001' },
        ...{
          POSTGRES_USER: 'u',
          POSTGRES_PASSWORD: POSTGRES.password,
          POSTGRES_SSLMODE: POSTGRES.password,
        },
      },
    };
    for (const [what, variables] of Object.entries(bad)) {
      for (const line of ['plan --verbose', 'apply plan.json --yes --json']) {
        const code = await hunted(line.split(' '), { ...variables, DEBUG: 'fix-roles*' }, place);
        expect(code, `${what}: ${line}`).toBe(1);
      }
    }
    const url = `postgres://keeper:${POSTGRES.encoded}@127.0.0.1:9/x`;
    for (const args of [['plan', url], [url], ['plan', `--team=${url}`, `--as-of=${url}`], ['sandbox', url]])
      expect(await hunted(args, env, place), 'on the command line').toBe(64);
  });
});

test('the account of a session shows no password while plan and apply are running', async () => {
  const cwd = await emptyDirectory();
  const hunter = new CanaryHunter(ALL);
  const done = new AbortController();
  const watching = (async () => {
    while (!done.signal.aborted) {
      const { rows } = await admin.query<{ seen: string }>(
        `SELECT concat_ws(' ', usename, application_name, query) AS seen FROM pg_stat_activity WHERE usename = 'keeper'`,
      );
      for (const { seen } of rows) hunter.search('pg_stat_activity', seen);
    }
  })();
  const place = { cwd, hunter: new CanaryHunter(ALL) };
  const env = surroundings('parts');
  try {
    expect(await hunted(['plan', '-o', 'plan.json'], env, place)).toBe(0);
    expect(await hunted(['verify', 'plan.json'], env, place)).toBe(0);
  } finally {
    done.abort();
    await watching;
  }
  expect(hunter.searched).toBeGreaterThan(0);
  expect(hunter.leaks).toEqual([]);
});

describe('the hunter', () => {
  const forms = [
    POSTGRES.password,
    POSTGRES.encoded,
    JSON.stringify(POSTGRES.password),
    `…${POSTGRES.password.slice(0, 22)}…`,
  ];
  test.each(forms.map((form) => [form]))('finds %s in a text and in a file', async (form) => {
    const hunter = new CanaryHunter(ALL);
    const cwd = await emptyDirectory();
    await writeFile(join(cwd, 'plan.json'), `{"url":"${form}"}`);
    hunter.search('text', `cannot connect: ${form}`);
    await hunter.searchFolder(cwd, []);
    expect(hunter.leaks.map(({ where }) => where)).toEqual(['text', join(cwd, 'plan.json')]);
  });

  test('finds a password on the command line of a child', async () => {
    const hunter = new CanaryHunter(ALL);
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()', POSTGRES.password], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await new Promise((resolve) => child.once('spawn', resolve));
    await hunter.searchProcesses(process.pid);
    child.stdin.end();
    await new Promise((resolve) => child.once('close', resolve));
    expect(hunter.leaks.map(({ where }) => where)).toEqual([`the command line of ${child.pid ?? 0}`]);
  });

  test('is silent about what only resembles a password', () => {
    const hunter = new CanaryHunter(ALL);
    hunter.search('text', 'postgres://***@host/cAnArY-db?password=***');
    expect(hunter.leaks).toEqual([]);
  });
});

import { spawn } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../src/sandbox/embedded-postgres.js';
import { startMongoStandIn, type MongoStandIn } from '../../src/sandbox/mongo-stand-in/index.js';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/schema.js';
import { insertSampleData } from '../../src/sandbox/sample-data.js';
import { CERTIFICATE, KEY, startFront, startTlsFront, type Front } from '../integration/doctor/tls-front.js';
import { makeKey } from '../signing-keys.js';
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

/** How a run ended, and what it told the person in front of it. */
interface Hunted {
  readonly code: number | null;
  readonly stderr: string;
}

/** Runs the tool and searches its streams, and its command line while it runs. */
async function hunted(args: readonly string[], env: Record<string, string>, place: Place): Promise<Hunted> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [BIN, ...args], { cwd: place.cwd, env: { PATH, HOME, ...env } });
  const said = { stdout: '', stderr: '' };
  let looking = Promise.resolve();
  // Of what somebody types on the command line itself, only what is made of it is ours.
  const typed = args.some((arg) => arg.includes('cAnArY'));
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
      if (typed) return;
      const pid = child.pid ?? 0;
      looking = looking.then(() => place.hunter.searchProcesses(pid));
    });
  }
  child.stdin.end();
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  await looking;
  for (const stream of ['stdout', 'stderr'] as const)
    place.hunter.search(`${stream} of fix-roles ${args.join(' ')}`, said[stream]);
  return { code, stderr: said.stderr };
}

/** The lines of `--verbose`, without their time. */
function details({ stderr }: Hunted): string[] {
  return stderr.split('\n').flatMap((line) => /^ *\d+\.\d{3} s {2}(.*)$/.exec(line)?.[1] ?? []);
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

const CONFIGURED =
  /^Configuration read: MongoDB database teams; PostgreSQL 127\.0\.0\.1:\d+, database postgres, user keeper, sslmode disable$/;
const CONNECTED = /^Connected: MongoDB 127\.0\.0\.1:\d+, replicaSet rs0; PostgreSQL 127\.0\.0\.1:\d+$/;
const VERIFIED = /^Plan verified: \d+ teams with changes$/;
const RECEIPT_READ = /^Receipt read: \d+ teams, 1 runs$/;
const PLANNED = /^Planned: \d+ teams read$/;

/** Every command with `--verbose`, and the lines that it has to say besides who it is, in their order. */
const VERBOSE: readonly (readonly [string, ...RegExp[]])[] = [
  ['doctor --verbose', CONFIGURED, /^Examined both stores: \d+ checks$/],
  ['init --yes -o - --verbose', CONFIGURED, CONNECTED, /^Looked at 3 collections and 1 tables$/],
  ['plan --verbose -o plan.json --force', CONFIGURED, CONNECTED, PLANNED],
  ['plan --json --verbose', CONFIGURED, CONNECTED, PLANNED],
  ['approve plan.json --key key --verbose', VERIFIED],
  ['show plan.json --json --verbose', VERIFIED],
  ['verify plan.json --verbose', VERIFIED, CONFIGURED, CONNECTED, /^Compared with the databases$/],
  ['diff plan.json plan.json --json --verbose', /^Both plans verified$/],
  [
    'apply plan.json --yes --verbose --max-removals 1000',
    ...[VERIFIED, CONFIGURED, /^Connected: MongoDB 127\.0\.0\.1:\d+, replicaSet$/],
    ...[/^Checked: \d+ teams to apply, 0 drifted$/, /^Team [0-9a-f]{24}: applied$/],
  ],
  ['show plan.json.receipt.jsonl --verbose', RECEIPT_READ],
  [
    'revert plan.json.receipt.jsonl -o revert.json --verbose',
    ...[RECEIPT_READ, CONFIGURED, CONNECTED, PLANNED],
  ],
  [
    'apply revert.json --of plan.json.receipt.jsonl --yes --json --verbose --max-removals 1000',
    ...[VERIFIED, CONFIGURED, /^Connected: /, /^Checked: /, /^Team [0-9a-f]{24}: applied$/],
  ],
  ['schema config --verbose'],
  ['completion bash --verbose'],
];

describe.each(['url', 'parts'] as const)('passwords given as %s', (given) => {
  test('are in nothing that a good run leaves or shows', async () => {
    await hunt(given, async ({ place, env }) => {
      const endings: Record<string, number | null> = {};
      for (const line of [
        'plan -o plan.json',
        'show plan.json --format html -o plan.html',
        'show plan.json --format markdown -o plan.md',
        'show plan.json',
        'verify plan.json --reproduce --json',
        'apply plan.json --yes --max-removals 1000',
        'show plan.json.receipt.jsonl',
        'show plan.json.receipt.jsonl --json',
        'revert plan.json.receipt.jsonl -o revert.json',
        'show revert.json',
        'apply revert.json --of plan.json.receipt.jsonl --yes --max-removals 1000',
      ])
        endings[line] = (await hunted(line.split(' '), env, place)).code;
      expect(Object.entries(endings).filter(([, code]) => code !== 0)).toEqual([]);
    });
  });

  test('are in nothing that --verbose says, of any command, and it says what is being done', async () => {
    await hunt(given, async ({ place, env }) => {
      await makeKey(place.cwd, 'key');
      for (const [line, ...expected] of VERBOSE) {
        const run = await hunted(line.split(' '), env, place);
        expect(run.code, `${line}\n${run.stderr}`).toBe(0);
        const [first, ...said] = details(run);
        expect(first, line).toMatch(/^fix-roles\/\S+, Node v\d/);
        for (const wanted of expected) {
          const at = said.findIndex((detail) => wanted.test(detail));
          expect(at, `${line}: ${String(wanted)} in\n${said.join('\n')}`).toBeGreaterThanOrEqual(0);
          said.splice(0, at + 1);
        }
      }
    });
  });
});

/** Surroundings in which nothing can be opened, each with the passwords in another place. */
async function badSurroundings(
  cwd: string,
  env: Record<string, string>,
  fronts: Readonly<Record<'mongo' | 'postgres', Front>>,
): Promise<Record<string, Record<string, string>>> {
  const address = mongo.uri.replace('mongodb://', '');
  const url = (rest: string): string => `postgres://keeper:${POSTGRES.encoded}@${rest}`;
  const certificate = join(cwd, 'client.pem');
  const encrypted = createPrivateKey(KEY).export({
    ...{ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' },
    passphrase: 'another one',
  });
  await writeFile(certificate, `${CERTIFICATE}\n${String(encrypted)}`);
  const nobody = '127.0.0.1:9/?serverSelectionTimeoutMS=300';
  return {
    'wrong password': { ...env, ...surroundings('parts', { mongo: WRONG, postgres: WRONG }) },
    'MongoDB that refuses the user': { ...env, MONGODB_URI: `mongodb://u:${MONGO.encoded}@${address}` },
    'nobody there': {
      MONGODB_URI: `mongodb://u:${MONGO.encoded}@${nobody}`,
      ...{ DB_NAME: 'teams', POSTGRES_URL: url('127.0.0.1:9/x?sslmode=disable') },
    },
    'no such host': { ...env, MONGODB_URI: `mongodb+srv://u:${MONGO.encoded}@nowhere.invalid/` },
    'a server without TLS': {
      ...{ DB_NAME: 'teams', POSTGRES_URL: url(`localhost:${postgres.port}/postgres?sslmode=verify-full`) },
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
    mongo: await startTlsFront(
      { host: '127.0.0.1', port: Number(/:(\d+)/.exec(mongo.uri.slice(10))?.[1]) },
      'at-once',
    ),
    postgres: await startTlsFront(postgres, 'postgres'),
  };
  try {
    await hunt('parts', async ({ place, env }) => {
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
          ...['revert plan.json.receipt.jsonl --verbose', 'doctor --verbose', 'init --yes -o -'],
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
  await hunt('parts', async ({ place, env }) => {
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
      // Not --env-file: Node 20 looks for that flag itself, and ends before any of our code runs.
      [1, 'plan', '--config', url],
      [1, 'approve', 'plan.json', '--key', url],
    ];
    for (const [code, ...args] of misuses)
      expect((await hunted(args, env, place)).code, args.join(' ')).toBe(code);
  });
});

/** A way to a server that keeps all that is sent to it; whatever it could log is in there. */
async function recorded(port: number, kept: Buffer[]): Promise<Front> {
  return startFront((client: Socket) => {
    const server = connect(port, '127.0.0.1');
    client
      .on('data', (data) => kept.push(data))
      .pipe(server)
      .pipe(client);
    server.on('error', () => client.destroy());
    client.on('close', () => server.destroy());
  });
}

test('no password reaches either server, nor what it shows of its sessions', async () => {
  const cwd = await emptyDirectory();
  const place = { cwd, hunter: new CanaryHunter(ALL) };
  const sent = { mongo: [] as Buffer[], postgres: [] as Buffer[] };
  const mongoPort = Number(/:(\d+)/.exec(mongo.uri.slice(10))?.[1]);
  const fronts = {
    mongo: await recorded(mongoPort, sent.mongo),
    postgres: await recorded(postgres.port, sent.postgres),
  };
  const env = surroundings('parts');
  env['MONGODB_URI'] = `${env['MONGODB_URI'] ?? ''}&directConnection=true`.replace(
    `:${mongoPort}`,
    `:${fronts.mongo.port}`,
  );
  env['POSTGRES_PORT'] = String(fronts.postgres.port);
  const names = new Set<string>();
  const done = new AbortController();
  const watching = (async () => {
    while (!done.signal.aborted) {
      const { rows } = await admin.query<{ name: string; seen: string }>(
        `SELECT application_name AS name, concat_ws(' ', usename, application_name, query) AS seen
           FROM pg_stat_activity WHERE usename = 'keeper'`,
      );
      for (const { name, seen } of rows) {
        names.add(name.replace(/ \S+@.*/, ''));
        place.hunter.search('pg_stat_activity', seen);
      }
    }
  })();
  try {
    for (const line of [
      'plan -o plan.json',
      'verify plan.json',
      'apply plan.json --yes --max-removals 1000',
      'revert plan.json.receipt.jsonl -o revert.json',
      'apply revert.json --of plan.json.receipt.jsonl --yes --max-removals 1000',
      'doctor',
    ])
      expect((await hunted(line.split(' '), env, place)).code, line).toBe(0);
  } finally {
    done.abort();
    await watching;
    await Promise.all([fronts.mongo.stop(), fronts.postgres.stop()]);
  }
  expect([...names]).toEqual(expect.arrayContaining(['fix-roles plan', 'fix-roles apply']));
  // The password is proved without being sent; everything else is in the clear, and so is what was looked through.
  for (const [store, what] of [
    ['postgres', 'SCRAM-SHA-256'],
    ['postgres', 'INSERT INTO "public"."postgres_user_roles"'],
    ['mongo', 'user_team_details'],
  ] as const) {
    const text = Buffer.concat(sent[store]).toString('latin1');
    expect(text).toContain(what);
    place.hunter.search(`what is sent to ${store}`, text);
  }
  expect(place.hunter.leaks).toEqual([]);
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

import { describe, expect, test } from 'vitest';
import { secretsOf } from '../../../src/config/configuration.js';
import { GOOD, load, refusal } from './workspace.js';

const WITHOUT_SIX = { MONGODB_URI: GOOD['MONGODB_URI'], DB_NAME: GOOD['DB_NAME'] };
const withUrl = (url: string): Record<string, string | undefined> => ({ ...WITHOUT_SIX, POSTGRES_URL: url });

describe('variables', () => {
  test('become settings, with the defaults of PostgreSQL', async () => {
    const { mongo, postgres } = await load({ environment: GOOD });
    const here = 'There is no .env in this folder.';
    expect(mongo).toEqual({
      uri: GOOD['MONGODB_URI'],
      database: 'teams',
      origin: `From the environment of this shell: MONGODB_URI, DB_NAME. ${here}`,
    });
    expect(postgres).toEqual({
      host: 'db.example',
      port: 5432,
      database: 'roles',
      user: 'fixer',
      password: undefined,
      ssl: 'verify-full',
      sslRootCert: undefined,
      origin: `From the environment of this shell: POSTGRES_HOST, POSTGRES_DB, POSTGRES_USER. ${here}`,
    });
  });

  test('say where they come from, and which value in a file does not count, but no value', async () => {
    const files = {
      '.env': 'DB_NAME=canary\nMONGODB_URI=mongodb://c@h\nPOSTGRES_USER=fixer\nPOSTGRES_PASSWORD=canary',
    };
    const { mongo, postgres } = await load({ environment: { ...GOOD, MONGODB_URI: undefined }, files });
    expect(mongo.origin).toBe(
      'From the environment of this shell: DB_NAME (.env has another value, which does not count). From .env: MONGODB_URI.',
    );
    expect(postgres.origin).toBe(
      'From the environment of this shell: POSTGRES_HOST, POSTGRES_DB, POSTGRES_USER. From .env: POSTGRES_PASSWORD.',
    );
  });

  test('that are missing where no .env is are told so, with the files that would be read if named', async () => {
    const files = { 'sandbox.env': '', '.env.staging': '', '.env.example': '', 'config.env.example': '' };
    const said = await refusal({ environment: { ...GOOD, DB_NAME: undefined }, files });
    expect(said).toContain(
      'There is no .env in this folder; .env.staging, sandbox.env would be read if named by --dotenv. Correct this',
    );
    expect(await refusal({ files: { '.env': '' } })).not.toContain('There is no .env');
  });

  test('come from .env, and the real environment wins', async () => {
    const env = "DB_NAME=from_file\nPOSTGRES_PASSWORD='a b#c\"d'\n";
    const rest = { ...GOOD, DB_NAME: undefined };
    const fromFile = await load({ environment: rest, files: { '.env': env } });
    expect(fromFile.mongo.database).toBe('from_file');
    expect(fromFile.postgres.password).toBe('a b#c"d');
    const fromBoth = await load({ environment: { ...GOOD, POSTGRES_PASSWORD: '' }, files: { '.env': env } });
    expect(fromBoth.mongo.database).toBe('teams');
    expect(fromBoth.postgres.password).toBeUndefined();
  });

  test('come from --dotenv instead of .env, and leave process.env alone', async () => {
    const files = { '.env': 'DB_NAME=wrong', other: 'DB_NAME=right\nFIX_ROLES_UNHEARD_OF=1' };
    const rest = { ...GOOD, DB_NAME: undefined };
    expect((await load({ environment: rest, files, envFile: 'other' })).mongo.database).toBe('right');
    expect(process.env).not.toHaveProperty('FIX_ROLES_UNHEARD_OF');
  });

  test('are read from a file that begins with a byte order mark', async () => {
    const files = { '.env': '\uFEFFDB_NAME=marked' };
    const { mongo } = await load({ environment: { ...GOOD, DB_NAME: undefined }, files });
    expect(mongo.database).toBe('marked');
  });

  test('missing ones are all named at once, with what may have been meant', async () => {
    const said = await refusal({ files: { '.env': 'MONGO_DB_URI=mongodb://u:canary@h\nDBNAME=x' } });
    for (const name of ['MONGODB_URI', 'DB_NAME', 'POSTGRES_HOST', 'POSTGRES_DB', 'POSTGRES_USER'])
      expect(said).toContain(`- ${name}: is not set`);
    expect(said).toContain('is MONGO_DB_URI meant');
    expect(said).toContain('is DBNAME meant');
    expect(said).not.toContain('canary');
  });

  test('a named file that is not there is an error, a default one is not', async () => {
    expect(await refusal({ environment: GOOD, envFile: 'gone.env' })).toContain(
      'gone.env: cannot be read (ENOENT)',
    );
    await expect(load({ environment: GOOD })).resolves.toBeDefined();
  });
});

describe('encryption', () => {
  test.each([
    ['localhost', 'disable'],
    ['127.0.0.1', 'disable'],
    ['127.8.9.10', 'disable'],
    ['::1', 'disable'],
    ['/var/run/postgresql', 'disable'],
    ['localhost.example.com', 'verify-full'],
    ['127.0.0.1.example.com', 'verify-full'],
    ['10.0.0.1', 'verify-full'],
    ['2001:db8::1', 'verify-full'],
  ])('of a connection to %s is %s unless said otherwise', async (host, ssl) => {
    expect((await load({ environment: { ...GOOD, POSTGRES_HOST: host } })).postgres.ssl).toBe(ssl);
  });

  test.each(['disable', 'require', 'verify-ca', 'verify-full'])('can be %s', async (mode) => {
    const environment = { ...GOOD, POSTGRES_SSLMODE: mode, POSTGRES_SSLROOTCERT: '/etc/ca.pem' };
    const { postgres } = await load({ environment });
    expect(postgres).toMatchObject({ ssl: mode, sslRootCert: '/etc/ca.pem' });
  });

  test.each([
    ['prefer', 'use require instead'],
    ['allow', 'use require instead'],
    ['verify_ful', 'did you mean verify-full?'],
    ['true', 'must be one of disable, require, verify-ca, verify-full'],
  ])('%s is refused', async (mode, said) => {
    expect(await refusal({ environment: { ...GOOD, POSTGRES_SSLMODE: mode } })).toContain(said);
  });
});

describe('POSTGRES_URL', () => {
  test('stands for all the others', async () => {
    const url =
      'postgresql://fix%40er:p%2Fss%3A%25@[2001:db8::7]:6543/ro%20les?sslmode=verify-ca&sslrootcert=/ca.pem';
    expect((await load({ environment: withUrl(url) })).postgres).toEqual({
      host: '2001:db8::7',
      port: 6543,
      database: 'ro les',
      user: 'fix@er',
      password: 'p/ss:%',
      ssl: 'verify-ca',
      sslRootCert: '/ca.pem',
      origin: 'From the environment of this shell: POSTGRES_URL. There is no .env in this folder.',
    });
  });

  test('can name a Unix socket', async () => {
    const { postgres } = await load({ environment: withUrl('postgres://me@%2Fvar%2Frun/roles') });
    expect(postgres).toMatchObject({ host: '/var/run', user: 'me', password: undefined, ssl: 'disable' });
  });

  test('beside any of the others is refused, naming them', async () => {
    const environment = { ...withUrl('postgres://u@h/d'), POSTGRES_USER: 'u', POSTGRES_PORT: '1' };
    expect(await refusal({ environment })).toContain('is set, and so is POSTGRES_PORT, POSTGRES_USER');
  });

  test.each([
    ['postgres://u@h/d?sslmod=require', 'did you mean sslmode?'],
    ['postgres://u@h/d?application_name=x', 'has application_name, which is for other tools'],
    ['postgres://u@h/d?unheard_of=x', 'a parameter besides sslmode and sslrootcert'],
    ['postgres://u@h/d?schema=public&pgbouncer=true', 'has schema, which is for other tools'],
    ['postgres://u@h/d?schema=public&pgbouncer=true', 'has pgbouncer, which is for other tools'],
    ['postgres://u@h/d?sslmode=require&channel_binding=require', 'has channel_binding, which is for'],
    ['postgres://u@h/d?ssl=true', 'say sslmode=… instead'],
    ['postgres://u@h/d?sslmode=require&sslmode=disable', 'sslmode more than once'],
    ['postgres://h/d', 'names no user'],
    ['postgres://u@h', 'names no database'],
    ['postgres:///d', 'names no host'],
    ['postgres://u@/d', 'is no URL of the form postgres://'],
    ['postgres://u@h:0/d', '(port): must be a number'],
    ['postgres://u@h1,h2/d', '(host): must be'],
    ['https://u@h/d', 'is no URL of the form postgres://'],
    ['postgres://u@h/d?sslmode=prefer', '(sslMode): must be one of'],
  ])('%s is refused', async (url, said) => {
    expect(await refusal({ environment: withUrl(url) })).toContain(said);
  });
});

describe('no refusal shows a credential', () => {
  const secret = 'canary';
  test.each([
    ['POSTGRES_URL', 'postgres://u:canary%@h/d'],
    ['POSTGRES_URL', 'postgres://u:canary@h:99999999/d'],
    ['POSTGRES_URL', 'postgres://u:12?canary@h/d'],
    ['POSTGRES_URL', 'postgres://u:12/canary@h/d'],
    ['POSTGRES_URL', 'postgres://u:12#canary@h/d'],
    ['POSTGRES_URL', 'postgres://u:canary@h/d?password=canary'],
    ['POSTGRES_URL', 'postgres://u:canary@h/d?sslmode=canary'],
    ['POSTGRES_URL', 'postgres://u:canary@h/d?canary'],
    ['POSTGRES_URL', 'postgres://u:canary@h/d?schema=canary'],
    ['POSTGRES_URL', 'u:canary@h/d'],
    ['POSTGRES_URL', 'postgres://u:canary@@@h/d/e'],
    ['MONGODB_URI', 'mongodb://u:canary'],
    ['MONGODB_URI', 'mongodb://u:can/canary@h'],
    ['MONGODB_URI', 'mongodb://canary@u:x@h'],
    ['MONGODB_URI', 'mongodb://ca[canary:x@h'],
    ['MONGODB_URI', 'mongodb://u:canary%@h'],
    ['MONGODB_URI', 'mongodb://u:canary@h:port'],
    ['MONGODB_URI', 'mongo://u:canary@h'],
    ['MONGODB_URI', 'canary'],
    ['DB_NAME', 'mongodb://u:canary@h/d'],
    ['POSTGRES_HOST', 'postgres://u:canary@h/d'],
    ['POSTGRES_PORT', 'canary'],
    ['POSTGRES_DB', `canary${'x'.repeat(64)}`],
    ['POSTGRES_USER', 'canary\u0007'],
    ['POSTGRES_PASSWORD', 'canary\0'],
    ['POSTGRES_SSLMODE', 'canary'],
  ])('%s=%s', async (name, value) => {
    const environment = { ...(name === 'POSTGRES_URL' ? WITHOUT_SIX : GOOD), [name]: value };
    const said = await refusal({ environment });
    expect(said).toContain(name);
    expect(said).not.toContain(secret);
  });
});

test('the credentials of a configuration are known in every spelling', async () => {
  const environment = withUrl('postgres://u:p%2Fq@localhost/d');
  const configuration = await load({ environment: { ...environment, MONGODB_URI: 'mongodb://u:m%40n@h' } });
  expect(secretsOf(configuration)).toEqual(expect.arrayContaining(['p/q', 'p%2Fq', 'm@n', 'm%40n']));
});

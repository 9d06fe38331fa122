import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { document, insertDocuments, insertRow, linkOf, PEOPLE } from './broken-team.js';
import { kindsOf, outcomeOf, Stage } from './stage.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());
beforeEach(() => stage.breakTeams(1, 2));

/** Longer than a test may take: whoever tries again and again does not end in time. */
const PATIENT = { retryForMs: 600_000 };
/** A link that no other row has. */
const TWIN = 'beef00000000000000000001';

interface Situation {
  readonly name: string;
  /** What the table or collection carries; done before anything is planned. */
  readonly set: (stage: Stage) => Promise<unknown>;
  readonly reset: (stage: Stage) => Promise<unknown>;
  /** Of the teams 1 and 2. */
  readonly kinds: Readonly<Record<number, 'failed' | 'applied'>>;
  /** What the problem of team 1 says. */
  readonly says: RegExp;
}

const inPostgres = (set: string, reset: string): Pick<Situation, 'set' | 'reset'> => ({
  set: ({ databases }) => databases.pg.query(set),
  reset: ({ databases }) => databases.pg.query(reset),
});

const withValidator = (validator: object): Pick<Situation, 'set' | 'reset'> => ({
  set: ({ databases }) => databases.mongo.command({ collMod: 'user_roles', validator }),
  reset: ({ databases }) => databases.mongo.command({ collMod: 'user_roles', validator: {} }),
});

const SITUATIONS: readonly Situation[] = [
  {
    name: 'a unique index of PostgreSQL that an old inactive row collides with',
    set: async ({ databases: { pg } }) => {
      await insertRow(pg, 1, PEOPLE.former, { active: false, link: TWIN });
      await pg.query(
        'CREATE UNIQUE INDEX once ON postgres_user_roles (user_id, role_name, scope, team_id, is_active)',
      );
    },
    reset: ({ databases: { pg } }) => pg.query('DROP INDEX once'),
    kinds: { 1: 'failed', 2: 'applied' },
    says: /"once".*Key \(user_id, role_name.*already exists.*tried again from a fresh read/,
  },
  {
    name: 'a unique index of MongoDB that an old inactive document collides with',
    set: async ({ databases: { mongo } }) => {
      await insertDocuments(mongo, [document(1, PEOPLE.former, { active: false, link: TWIN })]);
      const keys = { user_id: 1, role_name: 1, scope: 1, team_id: 1, is_active: 1 };
      await mongo.collection('user_roles').createIndex(keys, { unique: true, name: 'once' });
    },
    reset: ({ databases: { mongo } }) => mongo.collection('user_roles').dropIndex('once'),
    kinds: { 1: 'failed', 2: 'applied' },
    says: /E11000.*index: once dup key.*tried again from a fresh read/,
  },
  {
    name: 'a unique index of PostgreSQL that lets nobody have two roles in a team',
    ...inPostgres(
      "CREATE UNIQUE INDEX one_role ON postgres_user_roles (user_id, team_id) WHERE is_active AND scope = 'TEAM'",
      'DROP INDEX one_role',
    ),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /"one_role"/,
  },
  {
    name: 'an exclusion constraint',
    ...inPostgres(
      `ALTER TABLE postgres_user_roles ADD CONSTRAINT apart EXCLUDE USING btree
         (user_id WITH =, team_id WITH =) WHERE (is_active AND scope = 'TEAM')`,
      'ALTER TABLE postgres_user_roles DROP CONSTRAINT apart',
    ),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /"apart".*conflicts with existing key/,
  },
  {
    name: 'a check constraint',
    ...inPostgres(
      `ALTER TABLE postgres_user_roles ADD CONSTRAINT no_owners CHECK (role_name <> 'owner')`,
      'ALTER TABLE postgres_user_roles DROP CONSTRAINT no_owners',
    ),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /"no_owners"$/,
  },
  {
    name: 'a publication of a table without a replica identity',
    ...inPostgres(
      `CREATE PUBLICATION roles FOR TABLE postgres_user_roles;
       ALTER TABLE postgres_user_roles REPLICA IDENTITY NOTHING`,
      'DROP PUBLICATION roles; ALTER TABLE postgres_user_roles REPLICA IDENTITY DEFAULT',
    ),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /replica identity/,
  },
  {
    name: 'a validator that wants a field',
    ...withValidator({ $jsonSchema: { required: ['updated_at'] } }),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /Document failed validation: updated_at is missing/,
  },
  {
    name: 'a validator that wants other values, and no further fields',
    ...withValidator({
      $jsonSchema: {
        properties: { role_name: { enum: ['root'] }, created_by: { bsonType: 'objectId' } },
      },
    }),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /role_name: value was not found in enum; created_by: type did not match/,
  },
  {
    name: 'a validator in the language of queries',
    ...withValidator({ created_at: { $type: 'timestamp' } }),
    kinds: { 1: 'failed', 2: 'failed' },
    says: /Document failed validation: .*\$type/,
  },
];

function problemOf(outcome: object | undefined): string {
  if (outcome === undefined || !('problem' in outcome)) throw new Error('there is no problem');
  return String(outcome.problem);
}

describe.each(SITUATIONS)('$name', (situation) => {
  beforeEach(() => situation.set(stage));

  test('ends its team within seconds, leaves it as it was in both stores, and is named', async () => {
    try {
      const path = await stage.plan();
      const before = await stage.contents();
      const report = await stage.apply(path, PATIENT);
      expect(kindsOf(report)).toEqual(situation.kinds);
      expect(problemOf(outcomeOf(report, 1))).toMatch(situation.says);
      const after = await stage.contents();
      if (situation.kinds[2] === 'failed') expect(after).toEqual(before);
      else expect(ofFailedTeam(after)).toEqual(ofFailedTeam(before));
    } finally {
      await situation.reset(stage);
    }
  });
});

/** The rows of team 1. */
function ofFailedTeam(contents: Awaited<ReturnType<Stage['contents']>>): string[] {
  const all = [...Object.values(contents.mongo), ...Object.values(contents.postgres)];
  return all.filter((row) => row.includes('7ea300000000000000000001')).sort();
}

test('the collision of a role that the application was faster to add passes with a fresh read', async () => {
  const path = await stage.plan();
  let added = false;
  const report = await stage.apply(path, {
    onDrift: 'skip',
    onStep: async (team, step) => {
      if (added || step !== 'postgres-begun') return;
      added = true;
      await insertRow(stage.databases.pg, Number(team.slice(4)), PEOPLE.creator, {
        role: 'owner',
        link: linkOf(1, PEOPLE.creator, 'owner'),
      });
    },
  });
  expect(Object.values(kindsOf(report)).sort()).toEqual(['applied', 'drifted']);
});

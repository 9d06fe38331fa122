import { document, insertDocuments, insertRow } from '../apply/broken-team.js';
import type { Stage } from '../apply/stage.js';
import type { Situation } from './situation.js';
import { U2, U3 } from './small-teams.js';

const FAILED = { teams: 'as it was', exit: 5 } as const;
/** Team 1 alone has what is in the way. */
const FIRST_FAILED = { teams: ['as it was', 'as planned', 'as planned'], exit: 5 } as const;
const TWIN = { active: false, link: 'beef00000000000000000001' };

/** Leaves nobody two roles in a team of PostgreSQL. */
const ONE_EACH = `DELETE FROM postgres_user_roles WHERE user_id = '${U2}' AND role_name = 'member';`;

function validator(rules: object) {
  return ({ databases: { mongo } }: Stage): Promise<unknown> =>
    mongo.command({ collMod: 'user_roles', validator: rules });
}

/** What no repetition cures: it is said at once, with what the database says of the reason. */
export const ERRORS: readonly Situation[] = [
  {
    name: 'a unique index of PostgreSQL that an old inactive row collides with',
    given: async ({ databases: { pg } }) => {
      await insertRow(pg, 1, U3, TWIN);
      await pg.query(
        'CREATE UNIQUE INDEX once ON postgres_user_roles (user_id,role_name,scope,team_id,is_active)',
      );
    },
    expected: {
      ...FIRST_FAILED,
      says: /once.*Key \(user_id, role_name.*already exists.*look at the row.*tried again from a fresh read/,
    },
  },
  {
    name: 'a unique index of MongoDB that an old inactive document collides with',
    given: async ({ databases: { mongo } }) => {
      await insertDocuments(mongo, [document(1, U3, TWIN)]);
      const key = { user_id: 1, role_name: 1, scope: 1, team_id: 1, is_active: 1 } as const;
      await mongo.collection('user_roles').createIndexes([{ key, unique: true, name: 'once' }]);
    },
    expected: {
      ...FIRST_FAILED,
      says: /E11000.*index: once dup key.*look at the document.*tried again from a fresh read/,
    },
  },
  {
    name: 'a unique index of some documents of MongoDB, which one of the plan collides with',
    given: async ({ databases: { mongo } }) => {
      const partialFilterExpression = { role_name: 'owner' };
      const key = { created_by: 1 } as const;
      await mongo.collection('user_roles').createIndexes([{ key, unique: true, partialFilterExpression }]);
    },
    // All owners are created by "system".
    expected: {
      teams: ['as planned', 'as it was', 'as it was'],
      exit: 5,
      says: /E11000.*created_by_1 dup key.*look at the document that holds this key already/,
    },
  },
  {
    name: 'a column that wants a value, of which no plan speaks',
    given: `ALTER TABLE postgres_user_roles ADD source text NOT NULL DEFAULT 'x';
      ALTER TABLE postgres_user_roles ALTER source DROP DEFAULT`,
    expected: { ...FAILED, says: /null value in column .*source.*give source a default, or let it be NULL/ },
  },
  {
    name: 'a unique index of MongoDB by the rules of a language, which the rows of the plan keep',
    needs: 'collations',
    given: ({ databases: { mongo } }) => {
      const key = { user_id: 1, role_name: 1, scope: 1, team_id: 1, is_active: 1 } as const;
      const collation = { locale: 'en', strength: 2 };
      return mongo.collection('user_roles').createIndexes([{ key, unique: true, collation }]);
    },
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a unique index of PostgreSQL that lets nobody have two roles in a team',
    given: `${ONE_EACH} CREATE UNIQUE INDEX one_role ON postgres_user_roles (user_id, team_id) WHERE is_active AND scope = 'TEAM'`,
    expected: { ...FAILED, says: /one_role/ },
  },
  {
    name: 'an exclusion constraint that lets nobody have two roles in a team',
    given: `${ONE_EACH} ALTER TABLE postgres_user_roles ADD CONSTRAINT apart EXCLUDE USING btree
      (user_id WITH =, team_id WITH =) WHERE (is_active AND scope = 'TEAM')`,
    expected: { ...FAILED, says: /apart.*conflicts with existing key/ },
  },
  {
    name: 'a publication of a table without a replica identity',
    given: `CREATE PUBLICATION roles FOR TABLE postgres_user_roles;
      ALTER TABLE postgres_user_roles REPLICA IDENTITY NOTHING`,
    expected: { ...FAILED, says: /replica identity/ },
  },
  {
    name: 'a validator of MongoDB that wants a field',
    needs: 'validators',
    given: validator({ $jsonSchema: { required: ['updated_at'] } }),
    expected: { ...FAILED, says: /Document failed validation: updated_at is missing/ },
  },
  {
    name: 'a validator of MongoDB that wants other values',
    needs: 'validators',
    given: validator({
      $jsonSchema: { properties: { role_name: { enum: ['root'] }, created_by: { bsonType: 'objectId' } } },
    }),
    expected: { ...FAILED, says: /role_name: value was not found in enum; created_by: type did not match/ },
  },
  {
    name: 'a validator of MongoDB in the language of queries',
    needs: 'validators',
    given: validator({ created_at: { $type: 'timestamp' } }),
    expected: { ...FAILED, says: /Document failed validation: .*\$type/ },
  },
];

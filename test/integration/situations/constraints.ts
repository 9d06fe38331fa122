import type { Situation } from './situation.js';

const FAILED = { teams: 'as it was', exit: 5 } as const;

/** Beside an old inactive row no active one may stand. */
const ONE_OF_A_KIND = `INSERT INTO postgres_user_roles (user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
        SELECT '05e600000000000000000004', 'member', 'TEAM', team_id, false, now(), 'system', now(), 'SYNCED'
          FROM postgres_user_roles GROUP BY team_id;
      ALTER TABLE postgres_user_roles ADD CONSTRAINT one_of_a_kind UNIQUE (user_id, role_name, scope, team_id)
        DEFERRABLE INITIALLY DEFERRED;`;

/** What PostgreSQL would say only when it commits: it has to say so before MongoDB does. */
export const CONSTRAINTS: readonly Situation[] = [
  {
    name: 'a deferred key to a table of users that lacks one of them',
    given: `CREATE TABLE app_users (id varchar(24) PRIMARY KEY);
      INSERT INTO app_users SELECT DISTINCT user_id FROM postgres_user_roles;
      ALTER TABLE postgres_user_roles ADD FOREIGN KEY (user_id) REFERENCES app_users (id) DEFERRABLE INITIALLY DEFERRED;`,
    expected: { ...FAILED, says: /postgres_user_roles_user_id_fkey/ },
  },
  {
    name: 'a deferred constraint trigger that refuses',
    given: `CREATE FUNCTION refuse_owner() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.role_name = 'owner' THEN RAISE EXCEPTION 'no owners here'; END IF; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER refuse_owner AFTER INSERT ON postgres_user_roles DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION refuse_owner();`,
    expected: { ...FAILED, says: /no owners here/ },
  },
  {
    name: 'a deferred unique constraint that an old inactive row stands in the way of',
    given: ONE_OF_A_KIND,
    expected: { teams: 'as it was', exit: 1 },
  },
  {
    name: 'the same constraint, made since the plan was',
    meanwhile: ONE_OF_A_KIND,
    expected: { ...FAILED, says: /one_of_a_kind/ },
  },
  {
    name: 'a deferred exclusion constraint',
    given: `ALTER TABLE postgres_user_roles ADD CONSTRAINT one_owner
        EXCLUDE (created_by WITH =) WHERE (role_name = 'owner') DEFERRABLE INITIALLY DEFERRED;`,
    // All owners are created by "system": the first team is right, and the others collide with it.
    expected: { teams: ['as planned', 'as it was', 'as it was'], exit: 5, says: /one_owner/ },
  },
  {
    name: "another table's deferred key to ours",
    given: `CREATE TABLE grants (role_id int REFERENCES postgres_user_roles (id) DEFERRABLE INITIALLY DEFERRED);
      INSERT INTO grants SELECT id FROM postgres_user_roles;`,
    expected: { ...FAILED, says: /grants_role_id_fkey/ },
  },
  {
    name: 'a deferred key that everything satisfies',
    given: `CREATE TABLE app_teams (id varchar(24) PRIMARY KEY);
      INSERT INTO app_teams SELECT DISTINCT team_id FROM postgres_user_roles;
      ALTER TABLE postgres_user_roles ADD FOREIGN KEY (team_id) REFERENCES app_teams (id) DEFERRABLE INITIALLY DEFERRED;`,
    expected: { teams: 'as planned', exit: 0 },
  },
];

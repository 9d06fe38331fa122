import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import { forEverySession, type Situation } from './situation.js';
import { U2 } from './small-teams.js';

const FAILED = { teams: 'as it was', exit: 5 } as const;
const REMEDY = /memberExtras.*deactivate/;

const BY_ROLE = partitioned('PARTITION BY LIST (role_name)', 'id, role_name', [
  "FOR VALUES IN ('admin', 'member')",
  'DEFAULT',
]);

/** Every role has a permission in another table. */
function permissions(onDelete: string, table = 'role_permissions'): string {
  return `CREATE TABLE ${table} (role_id int REFERENCES postgres_user_roles (id) ${onDelete}, perm text);
    INSERT INTO ${table} SELECT id, 'read' FROM postgres_user_roles;`;
}

/** Tables whose foreign keys point at ours, and tables that inherit from it. */
export const NEIGHBOURS: readonly Situation[] = [
  {
    name: 'rows of another table that would vanish with ours',
    given: permissions('ON DELETE CASCADE'),
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'rows of another table that would lose their link to ours',
    given: permissions('ON DELETE SET NULL'),
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'rows of another table that would get another link',
    given: `ALTER TABLE postgres_user_roles ADD CHECK (id > 0);
      INSERT INTO postgres_user_roles (id, user_id, role_name, scope, is_active, created_at, created_by, last_sync_at, sync_status)
        VALUES (100000, 'nobody', 'none', 'GLOBAL', true, now(), 'system', now(), 'SYNCED');
      CREATE TABLE role_permissions (role_id int DEFAULT 100000 REFERENCES postgres_user_roles (id) ON DELETE SET DEFAULT);
      INSERT INTO role_permissions SELECT id FROM postgres_user_roles;`,
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'rows of another table that forbid to delete ours',
    given: permissions('ON DELETE RESTRICT'),
    expected: { ...FAILED, says: /role_permissions_role_id_fkey/ },
  },
  {
    name: 'the same, under the policy that the remedy names',
    given: permissions('ON DELETE CASCADE'),
    policy: { ...DEFAULT_POLICY, memberExtras: 'deactivate' },
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a cascading key whose table has no rows for ours',
    given: `${permissions('ON DELETE CASCADE')} DELETE FROM role_permissions;`,
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a cascading key to a table whose trigger writes back into ours',
    given: `${permissions('ON DELETE CASCADE')}
      CREATE FUNCTION write_back() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE postgres_user_roles SET is_active = false WHERE user_id = '${U2}'; RETURN NULL; END $$;
      CREATE TRIGGER write_back AFTER DELETE ON role_permissions FOR EACH ROW EXECUTE FUNCTION write_back();`,
    expected: FAILED,
  },
  {
    name: 'a key that follows an update of a column that we change',
    given: `ALTER TABLE postgres_user_roles ADD UNIQUE (id, is_active);
      CREATE TABLE active_roles (role_id int, is_active boolean,
        FOREIGN KEY (role_id, is_active) REFERENCES postgres_user_roles (id, is_active) ON UPDATE CASCADE);
      INSERT INTO active_roles SELECT id, is_active FROM postgres_user_roles WHERE role_name = 'member';`,
    expected: FAILED,
  },
  {
    name: 'a partitioned table with a cascading key, in another schema',
    given: `CREATE SCHEMA billing;
      CREATE TABLE billing.seats (role_id int REFERENCES postgres_user_roles (id) ON DELETE CASCADE, place int)
        PARTITION BY RANGE (place);
      CREATE TABLE billing.low PARTITION OF billing.seats FOR VALUES FROM (0) TO (5);
      CREATE TABLE billing.high PARTITION OF billing.seats FOR VALUES FROM (5) TO (1000);
      INSERT INTO billing.seats SELECT id, id FROM postgres_user_roles;`,
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'a chain of cascading keys',
    given: `CREATE TABLE first (id serial PRIMARY KEY, role_id int REFERENCES postgres_user_roles (id) ON DELETE CASCADE);
      CREATE TABLE second (first_id int REFERENCES first (id) ON DELETE CASCADE);
      INSERT INTO first (role_id) SELECT id FROM postgres_user_roles;
      INSERT INTO second SELECT id FROM first;`,
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'role rows that hang on other role rows',
    given: `ALTER TABLE postgres_user_roles ADD granted_through int REFERENCES postgres_user_roles (id) ON DELETE CASCADE;
      UPDATE postgres_user_roles AS r SET granted_through = a.id FROM postgres_user_roles AS a
        WHERE r.user_id = '05e600000000000000000001' AND a.role_name = 'admin' AND a.team_id = r.team_id;`,
    expected: FAILED,
  },
  {
    name: 'a table that inherits from ours',
    given: `CREATE TABLE archive () INHERITS (postgres_user_roles);
      INSERT INTO archive SELECT * FROM ONLY postgres_user_roles;
      INSERT INTO archive SELECT 5000 + id, 'e' || substr(mongo_id, 2), '05e600000000000000000009', role_name, scope, team_id, true,
        created_at, created_by, last_sync_at, sync_status, sync_error FROM ONLY postgres_user_roles;`,
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a table that inherits from ours and holds the same ids, which no key keeps apart',
    given: `ALTER TABLE postgres_user_roles DROP CONSTRAINT postgres_user_roles_pkey;
      CREATE TABLE archive () INHERITS (postgres_user_roles);
      INSERT INTO archive SELECT * FROM ONLY postgres_user_roles;`,
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a cascading key to what has no rows for ours, where the server does not count',
    given: `${permissions('ON DELETE CASCADE')} DELETE FROM role_permissions;`,
    sessions: 'track_counts = off',
    expected: { ...FAILED, says: /track_counts.*memberExtras/ },
  },
  {
    name: 'the same, under a policy that deletes nothing',
    given: permissions('ON DELETE CASCADE'),
    sessions: 'track_counts = off',
    policy: { ...DEFAULT_POLICY, memberExtras: 'deactivate' },
    // The undo deletes what was inserted.
    afterwards: (stage) => forEverySession(stage, 'track_counts = on'),
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'rows of another table that would vanish with ours, and may not be seen by us',
    given: `${permissions('ON DELETE CASCADE')}
        GRANT SELECT, INSERT, UPDATE, DELETE ON postgres_user_roles TO pg_signal_backend;
        GRANT USAGE ON SEQUENCE postgres_user_roles_id_seq TO pg_signal_backend;`,
    // A role that every server has, and that is not left behind.
    sessions: 'role = pg_signal_backend',
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'a role table in partitions',
    given: partitioned('PARTITION BY HASH (id)', 'id', [
      'FOR VALUES WITH (MODULUS 2, REMAINDER 0)',
      'FOR VALUES WITH (MODULUS 2, REMAINDER 1)',
    ]),
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a role table in partitions, with rows of another table that would vanish with ours',
    given: `${partitioned('PARTITION BY HASH (id)', 'id', ['FOR VALUES WITH (MODULUS 1, REMAINDER 0)'])}
      ${permissions('ON DELETE CASCADE')}`,
    expected: { ...FAILED, says: REMEDY },
  },
  {
    name: 'a role table in partitions, one of which has a trigger that rewrites',
    given: `${partitioned('PARTITION BY HASH (id)', 'id', ['FOR VALUES WITH (MODULUS 1, REMAINDER 0)'])}
      CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN NEW.role_name := upper(NEW.role_name); RETURN NEW; END $$;
      CREATE TRIGGER shout BEFORE INSERT ON part_0 FOR EACH ROW EXECUTE FUNCTION shout();`,
    expected: { ...FAILED, says: /\bshout\b/ },
  },
  {
    name: 'a role table in partitions between which a deactivation moves rows, with an audit',
    given: `${partitioned('PARTITION BY LIST (is_active)', 'id, is_active', ['FOR VALUES IN (true)', 'FOR VALUES IN (false)'])}
      CREATE TABLE role_audit (role_id int);
      CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN INSERT INTO role_audit VALUES (NEW.id); RETURN NULL; END $$;
      CREATE TRIGGER audit AFTER INSERT ON postgres_user_roles FOR EACH ROW EXECUTE FUNCTION audit();`,
    application: ['public.role_audit'],
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'partitions of which none takes the new rows',
    given: partitioned('PARTITION BY LIST (role_name)', 'id, role_name', [
      "FOR VALUES IN ('admin', 'member')",
    ]),
    expected: { ...FAILED, says: /no partition of relation .*add a partition for such rows/ },
  },
  {
    name: 'a partition that is detached since the plan was made',
    given: BY_ROLE,
    meanwhile: 'ALTER TABLE postgres_user_roles DETACH PARTITION part_0',
    expected: {
      teams: 'as it was',
      exit: 3,
      says: /^(?!.*earlier run).*drifted, part of its changes in effect already: team .*role row in PostgreSQL of user \w+, which is gone/s,
    },
  },
  {
    name: 'a partition that is dropped since the plan was made, under a policy that keeps what it holds',
    given: BY_ROLE,
    meanwhile: 'DROP TABLE part_0',
    policy: { ...DEFAULT_POLICY, memberExtras: 'keep' },
    expected: { teams: 'as it was', exit: 3, says: /\ndrifted: team .*which is gone/s },
  },
];

/** The same table with the same rows, in partitions. */
function partitioned(how: string, key: string, partitions: readonly string[]): string {
  return `ALTER TABLE postgres_user_roles RENAME TO whole;
    CREATE TABLE postgres_user_roles (LIKE whole INCLUDING DEFAULTS, PRIMARY KEY (${key})) ${how};
    ${partitions.map((values, i) => `CREATE TABLE part_${i} PARTITION OF postgres_user_roles ${values};`).join('\n')}
    INSERT INTO postgres_user_roles SELECT * FROM whole;
    ALTER SEQUENCE postgres_user_roles_id_seq OWNED BY postgres_user_roles.id;
    DROP TABLE whole;`;
}

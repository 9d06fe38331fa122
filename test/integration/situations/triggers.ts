import type { Situation } from './situation.js';
import { U2, U3 } from './small-teams.js';

const FAILED = { teams: 'as it was', exit: 5 } as const;

function trigger(name: string, when: string, body: string): string {
  return `CREATE FUNCTION ${name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${body} END $$;
    CREATE TRIGGER ${name} ${when} ON postgres_user_roles FOR EACH ROW EXECUTE FUNCTION ${name}();`;
}

/** A trigger that alters what no plan speaks of. */
const ONE_OWNER = trigger(
  'one_owner',
  'AFTER INSERT',
  `UPDATE postgres_user_roles SET is_active = false WHERE team_id <> NEW.team_id AND user_id = '${U2}'; RETURN NULL;`,
);

/** A trigger that sets something for what comes after it. */
function setting(what: string): string {
  return trigger('setting', 'BEFORE INSERT', `PERFORM set_config(${what}); RETURN NEW;`);
}

/** Inserts and, where that fails, updates: what the failure rolls back the server has counted all the same, as often as it updates. */
const UPSERT = `IF NEW.scope = 'TEAM' THEN
    BEGIN INSERT INTO postgres_user_roles SELECT (NEW).*;
    EXCEPTION WHEN unique_violation THEN
      UPDATE postgres_user_roles SET is_active = false WHERE team_id <> NEW.team_id AND role_name = 'admin';
    END;
  END IF; RETURN NULL;`;

/** @param what the role, the scope and the team of the row that a trigger adds for the same user */
function addRow(what: string): string {
  return `INSERT INTO postgres_user_roles (user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
    VALUES (NEW.user_id, ${what}, true, now(), 'trigger', now(), 'SYNCED');`;
}

/** What the table's own triggers and rules make of a statement: only what is read back is true. */
export const TRIGGERS: readonly Situation[] = [
  {
    name: 'a BEFORE trigger that rewrites the role of a new row',
    given: trigger('shout', 'BEFORE INSERT', 'NEW.role_name := upper(NEW.role_name); RETURN NEW;'),
    expected: { ...FAILED, says: /\bshout\b/ },
  },
  {
    name: 'a BEFORE trigger that rewrites the scope of a new row',
    given: trigger('widen', 'BEFORE INSERT', `NEW.scope := 'GLOBAL'; RETURN NEW;`),
    expected: { ...FAILED, says: /\bwiden\b/ },
  },
  {
    name: 'a BEFORE trigger that keeps the old row',
    given: trigger('keep', 'BEFORE UPDATE', 'RETURN OLD;'),
    expected: { ...FAILED, says: /\bkeep\b/ },
  },
  {
    name: 'a BEFORE trigger that swallows new rows',
    given: trigger('swallow', 'BEFORE INSERT', 'RETURN NULL;'),
    expected: { ...FAILED, says: /\bswallow\b/ },
  },
  {
    name: 'a BEFORE trigger that swallows deletes',
    given: trigger('hold_on', 'BEFORE DELETE', 'RETURN NULL;'),
    expected: { ...FAILED, says: /\bhold_on\b/ },
  },
  {
    name: 'a trigger that makes a delete a deactivation',
    given: trigger(
      'soften',
      'BEFORE DELETE',
      'UPDATE postgres_user_roles SET is_active = false WHERE id = OLD.id; RETURN NULL;',
    ),
    expected: { ...FAILED, says: /\bsoften\b/ },
  },
  {
    name: 'an AFTER trigger that takes back what was written',
    given: trigger(
      'take_back',
      'AFTER INSERT',
      `UPDATE postgres_user_roles SET is_active = false WHERE id = NEW.id; RETURN NULL;`,
    ),
    expected: { ...FAILED, says: /\btake_back\b/ },
  },
  {
    name: 'a deferred trigger that takes back what was written',
    given: `CREATE FUNCTION take_back() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN UPDATE postgres_user_roles SET scope = 'GUEST' WHERE id = NEW.id; RETURN NULL; END $$;
      CREATE CONSTRAINT TRIGGER take_back AFTER INSERT ON postgres_user_roles DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION take_back();`,
    expected: { ...FAILED, says: /\btake_back\b/ },
  },
  {
    name: 'a trigger that deactivates rows of others',
    given: ONE_OWNER,
    expected: { ...FAILED, says: /\bone_owner\b/ },
  },
  {
    name: 'a rule that does nothing instead of an insert',
    given: 'CREATE RULE no_inserts AS ON INSERT TO postgres_user_roles DO INSTEAD NOTHING',
    expected: { ...FAILED, says: /\bno_inserts\b/ },
  },
  {
    name: 'a rule that inserts elsewhere, and returns the row as if it were ours',
    given: `CREATE TABLE shadow (LIKE postgres_user_roles INCLUDING DEFAULTS);
      CREATE RULE pretend AS ON INSERT TO postgres_user_roles DO INSTEAD
        INSERT INTO shadow VALUES (NEW.*) RETURNING shadow.*;`,
    expected: { ...FAILED, says: /\bpretend\b/ },
  },
  {
    name: 'a rule that updates elsewhere, and returns the row as if it were ours',
    given: `CREATE TABLE shadow (LIKE postgres_user_roles INCLUDING DEFAULTS);
      INSERT INTO shadow SELECT * FROM postgres_user_roles;
      CREATE RULE pretend AS ON UPDATE TO postgres_user_roles DO INSTEAD
        UPDATE shadow SET is_active = NEW.is_active WHERE id = OLD.id RETURNING shadow.*;`,
    expected: { ...FAILED, says: /\bpretend\b/ },
  },
  {
    name: 'a rule that notes what is inserted',
    given: `CREATE TABLE role_notes (user_id varchar(24));
      CREATE RULE note AS ON INSERT TO postgres_user_roles DO ALSO INSERT INTO role_notes VALUES (NEW.user_id);`,
    application: ['public.role_notes'],
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger that adds a row for everybody to the table itself',
    given: trigger(
      'add_global',
      'AFTER INSERT',
      `IF NEW.scope = 'TEAM' THEN
         INSERT INTO postgres_user_roles (user_id, role_name, scope, is_active, created_at, created_by, last_sync_at, sync_status)
           VALUES (NEW.user_id, NEW.role_name || NEW.id, 'GLOBAL', true, now(), 'trigger', now(), 'SYNCED');
       END IF; RETURN NULL;`,
    ),
    application: ['public.postgres_user_roles'],
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger within whose own transaction rows of others are deactivated',
    given: trigger(
      'one_owner',
      'AFTER INSERT',
      `BEGIN
         UPDATE postgres_user_roles SET is_active = false WHERE team_id <> NEW.team_id AND user_id = '${U2}';
       EXCEPTION WHEN division_by_zero THEN NULL; END;
       RETURN NULL;`,
    ),
    expected: { ...FAILED, says: /\bone_owner\b/ },
  },
  {
    name: 'a trigger for whole statements that deletes rows of others',
    given: `CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN DELETE FROM postgres_user_roles WHERE user_id = '${U3}' AND is_active; RETURN NULL; END $$;
      CREATE TRIGGER tidy AFTER INSERT ON postgres_user_roles FOR EACH STATEMENT EXECUTE FUNCTION tidy();`,
    expected: { ...FAILED, says: /\btidy\b/ },
  },
  {
    name: 'a trigger that refuses, which is quoted with the place',
    given: trigger('guard_roles', 'BEFORE INSERT', `RAISE EXCEPTION 'no roles on a Sunday'; RETURN NEW;`),
    expected: {
      ...FAILED,
      says: /no roles on a Sunday \(raised by .* function (public\.)?guard_roles\(\) line 1 at RAISE\)/,
    },
  },
  {
    name: 'a trigger that wants to be asked again',
    // A sequence keeps its number whatever is rolled back.
    given: `CREATE SEQUENCE tries; ${trigger(
      'busy',
      'BEFORE INSERT',
      `IF nextval('tries') = 1 THEN RAISE EXCEPTION 'not now' USING ERRCODE = 'serialization_failure'; END IF; RETURN NEW;`,
    )}`,
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger that collides in a table of its own, which is no lagging sequence of ours',
    given: `CREATE TABLE trigger_calls (id int CONSTRAINT numbers UNIQUE);
      ${trigger('count_calls', 'BEFORE INSERT', 'INSERT INTO trigger_calls VALUES (1); RETURN NEW;')}`,
    applying: { retryForMs: 200 },
    expected: { ...FAILED, says: /numbers(?!.*lags behind).*tried again/ },
  },
  {
    name: 'a trigger that keeps an audit',
    given: `CREATE TABLE role_audit (at timestamptz DEFAULT now(), role_id int, what text);
      ${trigger('audit', 'AFTER INSERT OR UPDATE OR DELETE', `INSERT INTO role_audit (role_id, what) VALUES (coalesce(NEW.id, OLD.id), TG_OP); RETURN NULL;`)}`,
    application: ['public.role_audit'],
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger that counts in another table',
    given: `CREATE TABLE role_counts (team_id varchar(24) PRIMARY KEY, rows int NOT NULL);
      INSERT INTO role_counts SELECT team_id, count(*) FROM postgres_user_roles GROUP BY team_id;
      ${trigger('count_rows', 'AFTER INSERT OR DELETE', `UPDATE role_counts SET rows = rows + CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END WHERE team_id = coalesce(NEW.team_id, OLD.team_id); RETURN NULL;`)}`,
    application: ['public.role_counts'],
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a BEFORE trigger that keeps the time of the last change',
    given: `ALTER TABLE postgres_user_roles ADD updated_at timestamptz;
      ${trigger('touch', 'BEFORE INSERT OR UPDATE', 'NEW.updated_at := clock_timestamp(); NEW.last_sync_at := clock_timestamp(); RETURN NEW;')}`,
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'an AFTER trigger that keeps the time of the last change',
    given: `ALTER TABLE postgres_user_roles ADD updated_at timestamptz;
      ${trigger('touch', 'AFTER INSERT OR UPDATE OF is_active', 'UPDATE postgres_user_roles SET updated_at = clock_timestamp() WHERE id = NEW.id; RETURN NULL;')}`,
    expected: { teams: 'as planned', exit: 0, says: /public\.postgres_user_roles/ },
  },
  {
    name: 'a trigger that alters rows of others where its insert fails',
    given: trigger('upsert', 'AFTER INSERT', UPSERT),
    expected: { ...FAILED, says: /\bupsert\b/ },
  },
  {
    name: 'a trigger whose insert, which may fail, does not',
    given: trigger(
      'upsert',
      'AFTER INSERT',
      `IF NEW.scope = 'TEAM' THEN BEGIN ${addRow("NEW.role_name || NEW.id, 'GLOBAL', NULL")}
       EXCEPTION WHEN unique_violation THEN
         UPDATE postgres_user_roles SET is_active = false WHERE team_id <> NEW.team_id; END; END IF; RETURN NULL;`,
    ),
    application: ['public.postgres_user_roles'],
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger that deactivates rows of others, where the server does not count',
    given: ONE_OWNER,
    sessions: 'track_counts = off',
    expected: { ...FAILED, says: /\bone_owner\b/ },
  },
  {
    name: 'a trigger that deletes rows of others, where the server does not count',
    given: trigger(
      'tidy',
      'AFTER INSERT',
      `DELETE FROM postgres_user_roles WHERE team_id <> NEW.team_id; RETURN NULL;`,
    ),
    sessions: 'track_counts = off',
    expected: { ...FAILED, says: /track_counts.*\btidy\b/ },
  },
  {
    name: "a trigger that gives the team's users a further role in it",
    given: trigger(
      'add_auditor',
      'AFTER INSERT',
      `IF NEW.role_name = 'owner' THEN ${addRow("'auditor', 'TEAM', NEW.team_id")} END IF; RETURN NULL;`,
    ),
    expected: { ...FAILED, says: /\badd_auditor\b/ },
  },
  {
    name: 'a trigger for replicas only',
    given: `${ONE_OWNER} ALTER TABLE postgres_user_roles ENABLE REPLICA TRIGGER one_owner;`,
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger for replicas only, where sessions write as one',
    given: `${ONE_OWNER} ALTER TABLE postgres_user_roles ENABLE REPLICA TRIGGER one_owner;`,
    sessions: 'session_replication_role = replica',
    expected: { teams: 'as it was', exit: 4, says: /session_replication_role/ },
  },
  {
    name: 'a trigger that lets its session write as a replica from then on',
    given: setting(`'session_replication_role', 'replica', false`),
    expected: { ...FAILED, says: /session_replication_role.*replica.*\bsetting\b/ },
  },
  {
    name: 'a trigger that lets its transaction go on as a replica',
    given: setting(`'session_replication_role', 'replica', true`),
    expected: { ...FAILED, says: /session_replication_role.*replica.*\bsetting\b/ },
  },
  {
    name: 'a trigger that makes its session that of another role',
    given: `GRANT SELECT, INSERT, UPDATE, DELETE ON postgres_user_roles TO pg_signal_backend;
      GRANT USAGE ON SEQUENCE postgres_user_roles_id_seq TO pg_signal_backend;
      ${setting(`'role', 'pg_signal_backend', false`)}`,
    expected: { ...FAILED, says: /pg_signal_backend.*\bsetting\b/ },
  },
  {
    name: "a trigger that sets what is the application's own",
    given: setting(`'app.actor', NEW.user_id, false`),
    expected: { teams: 'as planned', exit: 0 },
  },
  {
    name: 'a trigger that always runs',
    given: `${ONE_OWNER} ALTER TABLE postgres_user_roles ENABLE ALWAYS TRIGGER one_owner;`,
    expected: { ...FAILED, says: /\bone_owner\b/ },
  },
];

import { expect, test } from 'vitest';
import { kindsOf, Stage } from './stage.js';

test("the table's triggers find what they name without a schema, as they do for the application", async () => {
  const stage = await Stage.open();
  try {
    await stage.breakTeams(1);
    await stage.databases.pg.query(`
      CREATE TABLE role_audit (role_id int);
      CREATE FUNCTION note_role() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN INSERT INTO role_audit VALUES (coalesce(NEW.id, OLD.id)); RETURN NULL; END $$;
      CREATE TRIGGER note_role AFTER INSERT OR UPDATE OR DELETE ON postgres_user_roles
        FOR EACH ROW EXECUTE FUNCTION note_role();`);
    const path = await stage.plan();
    const { postgres } = await stage.read(path, (plan) => Promise.resolve(plan.header.summary.changes));
    expect(kindsOf(await stage.apply(path))).toEqual({ 1: 'applied' });
    const { rows } = await stage.databases.pg.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM role_audit',
    );
    expect(rows[0]?.count).toBe(Object.values(postgres).reduce((sum, count) => sum + count, 0));
  } finally {
    await stage.close();
  }
});

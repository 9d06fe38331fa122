import type { Stage } from '../apply/stage.js';

/** Every row of both stores with every field, column and type, but without the serial ids, in an order of their own. */
export async function rowsWithoutSerials(
  stage: Stage,
): Promise<{ readonly mongo: readonly string[]; readonly postgres: readonly string[] }> {
  const { pg: client } = stage.databases;
  const columns = await client.query<{ list: string }>(
    `SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) AS list FROM pg_attribute
      WHERE attrelid = 'postgres_user_roles'::regclass AND attnum > 0 AND NOT attisdropped AND attname <> 'id'`,
  );
  const found = await client.query<{ text: string }>(
    `SELECT ROW(${columns.rows[0]?.list ?? ''})::text AS text FROM postgres_user_roles ORDER BY 1`,
  );
  const { mongo } = await stage.contents();
  return { mongo: Object.values(mongo).sort(), postgres: found.rows.map(({ text }) => text) };
}

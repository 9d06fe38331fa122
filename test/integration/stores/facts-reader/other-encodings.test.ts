import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_MAPPING } from '../../../../src/model/mapping.js';
import { createPostgresSchema } from '../../../../src/sandbox/tables.js';
import { openFactsReader } from '../../../../src/stores/open-facts-reader.js';
import { createTestDatabases } from '../../../servers.js';
import { connectBoth } from '../test-connections.js';

test('bytes that are no UTF-8 in a SQL_ASCII database are told with row and column, and other bytes are read', async () => {
  const databases = await createTestDatabases();
  onTestFinished(() => databases.drop());
  const name = `${databases.postgresDb}_ascii`;
  await databases.pg.query(
    `CREATE DATABASE ${databases.pg.escapeIdentifier(name)} TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'`,
  );
  const url = new URL(databases.postgresUrl);
  url.pathname = `/${name}`;
  const client = new pg.Client(url.href);
  await client.connect();
  onTestFinished(async () => {
    await client.end();
    await databases.pg.query(`DROP DATABASE ${databases.pg.escapeIdentifier(name)} WITH (FORCE)`);
  });
  await createPostgresSchema(client);
  const insert = (id: number, scope: string): Promise<unknown> =>
    client.query(
      `INSERT INTO postgres_user_roles (id, user_id, role_name, scope, team_id, is_active, created_at, created_by, last_sync_at, sync_status)
       VALUES ($1, $2, 'member', $3, $2, true, now(), 'system', now(), 'SYNCED')`,
      [id, 'a'.repeat(24), scope],
    );
  await insert(1, 'TEAM');
  // "é" and "👩" in UTF-8; "é" in Latin 1; half a surrogate.
  const raw = (id: number, bytes: string): Promise<unknown> =>
    client.query(`UPDATE postgres_user_roles SET sync_error = ${bytes} WHERE id = $1`, [id]);
  const open = async (): Promise<void> => {
    const connections = await connectBoth({ ...databases, postgresDb: name });
    try {
      await openFactsReader(connections, DEFAULT_MAPPING);
    } finally {
      await connections.close();
    }
  };
  await raw(1, `chr(195) || chr(169) || chr(240) || chr(159) || chr(145) || chr(169)`);
  await open();
  await insert(2, 'GLOBAL');
  await raw(2, 'chr(233)');
  await open();
  for (const bytes of ['chr(233)', `'x' || chr(237) || chr(160) || chr(128)`, 'chr(192) || chr(128)']) {
    await raw(1, bytes);
    await expect(open()).rejects.toMatchObject({
      text: { problem: 'the row with the id 1 holds bytes in sync_error that are no UTF-8' },
    });
  }
});

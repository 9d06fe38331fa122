import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { plan } from '../../../src/steps/plan.js';
import { revert } from '../../../src/steps/revert.js';
import { verify } from '../../../src/steps/verify.js';
import { readReceipt } from '../../../src/files/receipt/index.js';
import { connectBoth } from '../../../src/stores/connections.js';
import { connectPostgres, type PostgresSettings } from '../../../src/stores/postgres/connection.js';
import { readTableNames } from '../../../src/stores/names-there.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { HAS_PGBOUNCER, startPgBouncer, type PgBouncer } from '../../pgbouncer.js';
import { receiptOf, stageWith } from '../apply/stage.js';
import { checkOf, examine, resultOf, said, seen } from '../doctor/examination.js';
import { configurationOf } from '../stores/test-connections.js';
import { startApplication } from './application.js';

const stage = await stageWith(1, 2, 3);

/** A pool in front of the stage's Postgres, for the length of a test. */
async function pooled(mode: Parameters<typeof startPgBouncer>[1], size: number): Promise<PostgresSettings> {
  const bouncer: PgBouncer = await startPgBouncer(stage.databases.postgresUrl, mode, size);
  onTestFinished(() => bouncer.stop());
  return { ...stage.postgres, host: '127.0.0.1', port: bouncer.port, password: undefined };
}

const through = (postgres: PostgresSettings) => configurationOf(stage.databases, postgres);

let files = 0;
const newFile = (): string => join(stage.folder, `pooled-${++files}.json`);

describe.skipIf(!HAS_PGBOUNCER)('through PgBouncer', () => {
  describe.each([1, 2])(
    'in transaction mode, with %i server connections that an application goes on using',
    (size) => {
      async function leavesNothing<T>(act: (pool: PostgresSettings) => Promise<T>): Promise<T> {
        const pool = await pooled('transaction', size);
        const application = await startApplication(pool, size);
        onTestFinished(() => application.stop());
        const before = await application.look();
        const result = await act(pool);
        expect(await application.look()).toEqual(before);
        return result;
      }

      test('plan writes what it writes directly', async () => {
        const asOf = Date.now();
        const [direct, other] = [newFile(), newFile()];
        const wanted = await plan({ configuration: through(stage.postgres), file: direct, asOf });
        const made = await leavesNothing((pool) => plan({ configuration: through(pool), file: other, asOf }));
        expect(made.digest).toBe(wanted.digest);
      });

      test('verify holds a plan against the databases', async () => {
        const path = await stage.plan();
        const verdicts = await leavesNothing((pool) =>
          stage.read(path, async (read) => {
            const kinds = [];
            for await (const { verdict } of verify({ configuration: through(pool), plan: read }))
              kinds.push(verdict.kind);
            return kinds;
          }),
        );
        expect(verdicts).toEqual(['holds', 'holds', 'holds']);
      });

      test('revert takes back what was applied', async () => {
        const path = await stage.plan();
        await stage.apply(path);
        const receipt = await readReceipt({ kind: 'file', path: receiptOf(path), trust: 'strict' });
        onTestFinished(() => receipt.close());
        const made = await leavesNothing((pool) =>
          revert({ configuration: through(pool), receipt, file: newFile() }),
        );
        expect(made.summary).toMatchObject({ teams: { changed: 3 }, blocked: {} });
      });

      test('init finds the table', async () => {
        const { names, contents } = await leavesNothing(async (pool) => {
          const connections = await connectBoth(through(pool), 'init');
          return readTableNames(connections.postgres, DEFAULT_MAPPING).finally(() => connections.close());
        });
        expect([...contents.keys()]).toEqual(names);
        expect(names).toEqual(['public.postgres_user_roles']);
      });

      test('doctor says that apply will not work there, and that the rest does', async () => {
        const checks = await leavesNothing((postgres) => examine(stage.databases, { postgres }));
        const failed = checks.filter(
          ({ store, result }) => store === 'postgres' && result.status === 'failed',
        );
        expect(failed.map(({ check }) => check)).toEqual(['session']);
        expect(said(resultOf(checks, 'postgres', 'session'))).toContain(
          'a pooler lends out server connections',
        );
      });

      test('apply refuses, and writes nothing', async () => {
        const path = await stage.plan();
        const before = await stage.contents();
        const failure = await leavesNothing((postgres) => stage.failure('refused', path, { postgres }));
        expect(failure.text.problem).toContain(
          'the lock that keeps two applies apart is worth nothing there',
        );
        expect(await stage.contents()).toEqual(before);
        expect(await stage.receipt(receiptOf(path))).toEqual([]);
      });
    },
  );

  test('in session mode apply works, prepares nothing by name, leaves nothing, and is not blamed by doctor', async () => {
    const size = 8;
    const pool = await pooled('session', size);
    const path = await stage.plan();
    const before = await startApplication(pool, size);
    const settings = (await before.look()).map((found) => found.settings);
    await before.stop();
    const report = await stage.apply(path, { postgres: pool });
    expect(report.result).toBe('complete');
    const after = await startApplication(pool, size);
    onTestFinished(() => after.stop());
    const found = await after.look();
    expect(found.map((one) => one.settings)).toEqual(settings);
    for (const one of found)
      expect(one).toMatchObject({ advisoryLocks: 0, preparedStatements: 0, cursors: 0 });
    await after.stop();
    const session = await checkOf(stage.databases, 'postgres.session', { postgres: pool });
    expect(seen(session)).toMatch(/^passed: something stands between/);
  });

  test('in session mode a session that waits, as that of the lock does, outlives the limit of idle sessions', async () => {
    const database = stage.databases.pg.escapeIdentifier(stage.databases.postgresDb);
    await stage.databases.pg.query(`ALTER DATABASE ${database} SET idle_session_timeout = '300ms'`);
    onTestFinished(async () => {
      await stage.databases.pg.query(`ALTER DATABASE ${database} RESET idle_session_timeout`);
    });
    const connection = await connectPostgres(await pooled('session', 2), { applicationName: 'test' });
    try {
      expect(connection.server.path).toBe('something-between');
      const { rows } = await connection.session.query<object>('SELECT pg_backend_pid()');
      await stage.databases.pg.query('SELECT pg_sleep(0.9)');
      expect((await connection.session.query<object>('SELECT pg_backend_pid()')).rows).toEqual(rows);
    } finally {
      await connection.close();
    }
  });

  test('in statement mode everything is refused by what stands in the way', async () => {
    const pool = await pooled('statement', 1);
    const failure: unknown = await plan({ configuration: through(pool), file: newFile() }).catch(
      (error: unknown) => error,
    );
    expect(String(failure)).toContain('a pooler lends out server connections for a single statement');
  });
});

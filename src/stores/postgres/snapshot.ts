import type { PostgresConnection } from './connection.js';
import { queryTexts, type PostgresTexts } from './role-table.js';
import type { PostgresReader } from './transaction.js';
import { readFailed } from '../read-failure.js';

/** All of PostgreSQL as it was at one moment; the server refuses to write in it. It ends with the connection. */
export interface PostgresSnapshot extends PostgresReader {
  /** The rows of one statement, every value in the server's text output. */
  rows(text: string, values: readonly unknown[]): Promise<PostgresTexts[]>;
  /** The same in batches, fetching the next one ahead. Only one such read at a time. */
  batches(text: string, values: readonly unknown[]): AsyncGenerator<PostgresTexts[], undefined, undefined>;
}

/**
 * Opens a snapshot of this moment: a REPEATABLE READ READ ONLY transaction.
 *
 * @throws {Failure} operational: PostgreSQL cannot be read
 */
export async function openPostgresSnapshot(
  { session: client, transactions, address }: PostgresConnection,
  batchSize: number,
): Promise<PostgresSnapshot> {
  let turn: Promise<unknown> = Promise.resolve();
  // One statement after the other: the driver will no longer queue them itself.
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const result = turn.then(act).catch(readFailed('PostgreSQL', { address }));
    turn = result.catch(() => undefined);
    return result;
  };
  const rows = (text: string, values: readonly unknown[]): Promise<PostgresTexts[]> =>
    inTurn(() => queryTexts(client, text, values));

  await inTurn(async () => {
    await transactions.begin('reading');
    // All of a cursor's rows are fetched, but the default plans for a tenth. This statement also takes the snapshot.
    await client.query(`SELECT set_config('cursor_tuple_fraction', '1', true)`);
  });
  return {
    address,
    read: (work) => inTurn(() => work({ client, address })),
    rows,
    async *batches(text, values) {
      await rows(`DECLARE facts NO SCROLL CURSOR FOR ${text}`, values);
      const fetch = (): Promise<PostgresTexts[]> => rows(`FETCH FORWARD ${batchSize} FROM facts`, []);
      let next = fetch();
      for (;;) {
        const batch = await next;
        if (batch.length === 0) return undefined;
        next = fetch();
        // The next round awaits it, if there is one.
        next.catch(() => undefined);
        yield batch;
      }
    },
  };
}

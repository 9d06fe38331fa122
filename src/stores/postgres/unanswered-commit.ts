import { setTimeout as delay } from 'node:timers/promises';
import type { PostgresReader } from './transaction.js';

/** A server process of PostgreSQL. The number alone may later belong to another one. */
export interface ServerProcess {
  readonly pid: number;
  /** In PostgreSQL's own text; null where it does not tell. */
  readonly startedAt: string | null;
}

/** A server process still works on its commit, and its result is open. */
export class StillCommitting extends Error {
  override readonly name = 'StillCommitting';
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Waits for a server process that never answered a commit. It holds the team's rows until it ends; only then a fresh
 * read shows whether the transaction was committed.
 *
 * @param reader another connection than the one that was given up
 * @param deadline milliseconds since 1970; the process is looked for once even after it
 * @throws StillCommitting if the process is still there by then
 */
export async function untilCommitEnds(
  reader: PostgresReader,
  { pid, startedAt }: ServerProcess,
  deadline: number,
): Promise<void> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    const [found] = await reader.read(async ({ client }) => {
      const { rows } = await client.query<{ standby: boolean | null }>(
        `SELECT wait_event = 'SyncRep' AS standby FROM pg_stat_get_activity($1)
          WHERE backend_start::text IS NOT DISTINCT FROM $2`,
        [pid, startedAt],
      );
      return rows;
    });
    if (found === undefined) return;
    if (Date.now() + pause > deadline) {
      const [why, next] = found.standby === true ? UNCONFIRMED : WORKING;
      throw new StillCommitting(
        `PostgreSQL has not answered the commit, and its server process ${pid} still works on it${why}. MongoDB may be ahead until then: ${next}, then run the same command again`,
      );
    }
    await delay(pause);
  }
}

const WORKING = ['', 'wait until that process has ended (pg_stat_activity shows it)'] as const;
const UNCONFIRMED = [
  ': no standby confirms it, as synchronous_standby_names of the server demands',
  'have a standby confirm it, or have synchronous_standby_names name those that do',
] as const;

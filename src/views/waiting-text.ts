import type { LockHolder, LockWait, Wait } from '../model/waiting.js';
import { visibleText } from './safe-text.js';

/** Why a command seems to stand still. */
export const WAIT_WORDS: Readonly<Record<Wait, string>> = {
  primary: 'the replica set has no primary: an election?',
  majority: 'no majority of the replica set confirms writes',
};

/** What PostgreSQL waits for, and who holds it. */
export function waitingText({ on, holders }: LockWait): string {
  const what = {
    table: (): string => `the table ${on.kind === 'table' ? visibleText(on.name) : ''} is locked`,
    row: (): string => 'a row is locked that somebody has written and not committed',
    advisory: (): string =>
      holders.some(({ application }) => application?.startsWith('fix-roles apply'))
        ? 'another apply is running'
        : 'an advisory lock is taken',
    standby: (): string => 'no standby confirms a commit, as synchronous_standby_names of the server demands',
  }[on.kind]();
  const by = holders.length === 0 ? '' : `, by ${holders.map(holderText).join('; by ')}`;
  return `Waiting for PostgreSQL: ${what}${by}.`;
}

function holderText({ pid, application, user, since }: LockHolder): string {
  if (pid === 0) return 'a prepared transaction (pg_prepared_xacts)';
  const name =
    application === null || application === '' ? 'a session without a name' : visibleText(application);
  const parts = [`backend ${pid}`];
  if (user !== null) parts.push(`user ${visibleText(user)}`);
  if (since !== null) parts.push(`its transaction runs since ${since} UTC`);
  return `${name} (${parts.join(', ')})`;
}

/** Why a team of an apply takes long. */
export function triedAgainText(team: string, problem: string): string {
  return `Team ${visibleText(team)} is tried again: ${visibleText(problem, 300)}`;
}

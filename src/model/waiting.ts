/**
 * Why MongoDB is waited for longer than usual. `primary`: no member of the replica set takes writes; `majority`: most
 * members have not confirmed a commit.
 */
export type Wait = 'primary' | 'majority';

/** A PostgreSQL session that another one waits for. */
export interface LockHolder {
  /** The server process; 0: a prepared transaction. */
  readonly pid: number;
  readonly application: string | null;
  readonly user: string | null;
  /** The start of its transaction, in UTC; null where this user may not see it, or none runs. */
  readonly since: string | null;
}

/** PostgreSQL waits for somebody else's lock, or for standbys that do not confirm. */
export interface LockWait {
  /** `advisory` keeps two applies apart; `row` was written and not committed; nobody holds anything for `standby`. */
  readonly on:
    { readonly kind: 'table'; readonly name: string } | { readonly kind: 'row' | 'advisory' | 'standby' };
  readonly holders: readonly LockHolder[];
}

/** How long a connection, and the answer to a command, are waited for where the usual is too long. */
export interface Patience {
  readonly connectMs: number;
  readonly answerMs: number;
}

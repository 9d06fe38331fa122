/**
 * What MongoDB is waited for, longer than usual. `primary`: members of the replica set answer, and none of them takes
 * writes; `majority`: what was committed is not confirmed by most of them.
 */
export type Wait = 'primary' | 'majority';

/** A database session that holds what another one waits for. */
export interface LockHolder {
  /** The server process; 0: a prepared transaction. */
  readonly pid: number;
  readonly application: string | null;
  readonly user: string | null;
  /** Since when its transaction runs, in UTC; null where this user may not see it, or none runs. */
  readonly since: string | null;
}

/** PostgreSQL does not go on because of somebody else's lock, or of standbys that do not confirm. */
export interface LockWait {
  /**
   * `advisory`: such as keeps two applies apart; `row`: one that somebody has written and not committed; `standby`: a
   * commit that no synchronous standby confirms, for which nobody holds anything.
   */
  readonly on:
    { readonly kind: 'table'; readonly name: string } | { readonly kind: 'row' | 'advisory' | 'standby' };
  readonly holders: readonly LockHolder[];
}

/** How long a store is waited for, in milliseconds, by whoever cannot wait as long as usual. */
export interface Patience {
  /** For a connection. */
  readonly connectMs: number;
  /** For the answer to a command. */
  readonly answerMs: number;
}

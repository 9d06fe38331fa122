/** How long a store is waited for, in milliseconds, by whoever cannot wait as long as usual. */
export interface Patience {
  /** For a connection. */
  readonly connectMs: number;
  /** For the answer to a command. */
  readonly answerMs: number;
}

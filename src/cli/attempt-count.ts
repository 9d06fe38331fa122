/** How often the transactions of a team were begun. */
export class AttemptCount {
  readonly #begun = new Map<string, number>();

  /** Counts one more, and says how many there were. */
  begin(team: string): number {
    const count = (this.#begun.get(team) ?? 0) + 1;
    this.#begun.set(team, count);
    return count;
  }
}

/** A statement changed another number of rows than were judged to need it: somebody else was faster. */
export class WriteMismatch extends Error {
  constructor(store: string, op: string, expected: number, changed: number) {
    super(`${store} ${op}: ${expected} rows expected, ${changed} changed`);
    this.name = 'WriteMismatch';
  }
}

/**
 * What was written would do something else, or more, than the plan says: the table's own triggers, rules or neighbours
 * see to that, and would do so again.
 */
export class UnplannedEffect extends Error {
  constructor(problem: string, options?: { readonly cause: unknown }) {
    super(problem, options);
    this.name = 'UnplannedEffect';
  }
}

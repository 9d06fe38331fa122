/** A statement changed another number of rows than were judged to need it: somebody else was faster. */
export class WriteMismatch extends Error {
  constructor(store: string, op: string, expected: number, changed: number) {
    super(`${store} ${op}: ${expected} rows expected, ${changed} changed`);
    this.name = 'WriteMismatch';
  }
}

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

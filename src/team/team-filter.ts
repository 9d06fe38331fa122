/** Which teams are looked at (the plan's `filter`). Lists are sorted by code unit and name nothing twice. */
export interface TeamFilter {
  /** Only these; null: all. */
  readonly teams: readonly string[] | null;
  readonly excludeTeams: readonly string[];
  /** One of `count` parts of all teams, counted from 0; null: all parts. */
  readonly shard: { readonly index: number; readonly count: number } | null;
}

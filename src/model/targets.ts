/**
 * The databases a plan was made for: themselves, not their address (docs/design.md, "The plan file"). No host names and
 * no credentials, so that two people on two machines get the same plan.
 */
export interface Targets {
  readonly mongo: {
    readonly database: string;
    readonly replicaSet: string | null;
    /** Collection name → UUID, sorted by name. */
    readonly collections: Readonly<Record<string, string>>;
  };
  readonly postgres: {
    /** The cluster's own number, a 64-bit integer in decimal digits. */
    readonly systemIdentifier: string;
    readonly database: string;
    /** `schema.table`. */
    readonly table: string;
    readonly oid: number;
  };
}

/** Whether a store was read at one point in time; a MongoDB without snapshot reads is read as it is `available`. */
export interface Consistency {
  readonly mongo: 'snapshot' | 'available';
  readonly postgres: 'snapshot';
}

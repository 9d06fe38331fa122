/**
 * The databases that a plan was made for, by identity (docs/design.md, "The plan file"). It must hold no host name and no
 * credential, so that two people on two machines get the same plan.
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

/** `snapshot`: read at one point in time. `available`: a MongoDB without snapshot reads. */
export interface Consistency {
  readonly mongo: 'snapshot' | 'available';
  readonly postgres: 'snapshot';
}

/** Whether a store was read at one point in time; a MongoDB without snapshot reads is read as it is `available`. */
export interface Consistency {
  readonly mongo: 'snapshot' | 'available';
  readonly postgres: 'snapshot';
}

/**
 * What MongoDB is waited for, longer than usual. `primary`: members of the replica set answer, and none of them takes
 * writes; `majority`: what was committed is not confirmed by most of them.
 */
export type Wait = 'primary' | 'majority';

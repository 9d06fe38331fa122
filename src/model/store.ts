/**
 * The two databases that hold one copy each of the role rows. Each has a folder in `src/stores`, whose readers join the
 * two, and a list of checks in `src/doctor`.
 */
export const STORES = ['mongo', 'postgres'] as const;
export type Store = (typeof STORES)[number];

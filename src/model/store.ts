/** The two databases that hold one copy each of the role rows. */
export const STORES = ['mongo', 'postgres'] as const;
export type Store = (typeof STORES)[number];

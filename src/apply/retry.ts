/** How long one team is done again from a fresh read, in milliseconds; longer than the 60 to 90 s for which MongoDB keeps a dead client's transaction. */
export const RETRY_FOR_MS = 120_000;
export const FIRST_PAUSE_MS = 50;
export const LONGEST_PAUSE_MS = 5_000;

import type { NotBegunReason, OutcomeKind } from '../team/outcome.js';

/** What became of a team, in plain words; the order is that of reports. */
export const OUTCOME_WORDS: Readonly<Record<OutcomeKind, string>> = {
  applied: 'applied in both stores and read back',
  finished: 'were half done and are finished now',
  'already-done': 'hold everything in the plan already',
  'changed-since': 'were applied by an earlier run and have changed since; not written again',
  overtaken: 'were changed by the application meanwhile: plan again',
  drifted: 'no longer match the plan; left untouched',
  failed: 'failed and were rolled back in both stores',
  'half-done': 'are done in MongoDB but not in PostgreSQL: run the same command again',
  unknown: 'are in an unknown state: run the same command again, it finds out',
  'not-begun': 'were not begun',
};

/** Why teams were not begun. */
export const NOT_BEGUN_WORDS: Readonly<Record<NotBegunReason, string>> = {
  drift: 'another team no longer matches the plan (go on without it with --on-drift skip)',
  'drift-in-transaction': 'a team drifted while it was being applied (go on without it with --on-drift skip)',
  limit: 'the number given by --limit was reached',
  interrupted: 'the run was interrupted',
  'lock-lost': 'the connection that holds the lock was lost',
  'stores-unreachable': 'a database could not be reached any more',
  'receipt-failed': 'the receipt could not be written; make room or mend the disk first',
};

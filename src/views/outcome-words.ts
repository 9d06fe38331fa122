import type { NotBegunReason, OutcomeKind, TableEffect } from '../model/outcome.js';
import { numeral } from './quantity.js';
import { visibleText } from './safe-text.js';

/** What became of a team, in the order of reports. */
export const OUTCOME_WORDS: Readonly<Record<OutcomeKind, string>> = {
  applied: 'applied in both stores and read back',
  finished: 'half done before, finished now',
  'already-done': 'already as the plan wants',
  'changed-since': 'applied by an earlier run and changed since; not written again',
  overtaken: 'changed by the application meanwhile: plan again',
  drifted: 'drifted, not as the plan expects; left untouched',
  failed: 'failed and rolled back in both stores',
  'half-done': 'done in MongoDB but not in PostgreSQL: run the same command again',
  unknown: 'in an unknown state: run the same command again, it finds out',
  'not-begun': 'not begun',
};

export const NOT_BEGUN_WORDS: Readonly<Record<NotBegunReason, string>> = {
  drift: 'another team no longer matches the plan (go on without it with --on-drift skip)',
  'drift-in-transaction': 'a team drifted while it was being applied (go on without it with --on-drift skip)',
  limit: 'the number given by --limit was reached',
  interrupted: 'the run was interrupted',
  'lock-lost': 'the connection that holds the lock was lost',
  'stores-unreachable': 'a database could not be reached any more',
  'commit-unknown': 'the result of a commit could not be learnt, which another team would meet as well',
  'receipt-failed': 'the receipt could not be written; make room or mend the disk first',
};

export const SESSIONS_LEFT_WORDS = {
  'told-to-end':
    'An earlier run may have left transactions open in MongoDB, which was told to end them. Those of another user end by themselves after 60 to 90 seconds.',
  refused:
    'An earlier run may have left transactions open in MongoDB, which refuses to end them. They end by themselves after 60 to 90 seconds, and may hold up teams until then.',
};

/** The counts above 0 with their words, in the order of the words. */
export function toldCounts<Kind extends string>(
  counts: Readonly<Partial<Record<Kind, number>>>,
  words: Readonly<Record<Kind, string>>,
): [number, string][] {
  const known = new Map(Object.entries<number | undefined>(counts));
  return Object.entries<string>(words).flatMap(([kind, text]): [number, string][] => {
    const count = known.get(kind) ?? 0;
    return count === 0 ? [] : [[count, text]];
  });
}

/** The counts above 0 as lines: how many teams. */
export function countLines<Kind extends string>(...told: Parameters<typeof toldCounts<Kind>>): string[] {
  return toldCounts(...told).map(
    ([count, words]) => `${numeral(count).padStart(7)} ${count === 1 ? 'team' : 'teams'}: ${words}\n`,
  );
}

/** What the table's own triggers and rules wrote besides, added up by table. */
export function triggeredText(
  effects: Iterable<TableEffect>,
  quote: (text: string) => string = visibleText,
): string {
  const sums = new Map<string, TableEffect>();
  for (const { table, ...more } of effects) {
    const sum = sums.get(table) ?? { table, inserted: 0, updated: 0, deleted: 0 };
    sums.set(table, {
      table,
      inserted: sum.inserted + more.inserted,
      updated: sum.updated + more.updated,
      deleted: sum.deleted + more.deleted,
    });
  }
  const tables = [...sums.values()].map(({ table, ...counts }) => {
    const rows = Object.entries(counts).flatMap(([how, count]) =>
      count > 0 ? [`${numeral(count)} ${how}`] : [],
    );
    return `${quote(table)} (rows: ${rows.join(', ')})`;
  });
  return `The table's own triggers or rules wrote as well: ${tables.join('; ')}`;
}

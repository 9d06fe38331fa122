import { Failure } from '../../model/failure.js';
import { byCodeUnit } from '../../model/id.js';
import type { PlanSource, ReadingObserver } from '../source.js';
import { isSameHead, readReceipt, recordOf, type AppliedRecord, type IndexedReceipt } from './index.js';
import { demandEveryPart } from './parts.js';

/**
 * Reads receipts as one: a plan that was applied in parts has one for each.
 *
 * @param parts `all`: every receipt of the plan that lies beside these and tells of teams must be among them
 * @throws Failure (refused) where one is damaged, empty, of another plan than the first, or not named; (operational) where one
 *   cannot be read
 */
export async function readReceipts(
  sources: readonly PlanSource[],
  parts: 'all' | 'as-named',
  observer?: ReadingObserver,
): Promise<AppliedRecord> {
  if (parts === 'all')
    await demandEveryPart(sources.flatMap((source) => (source.kind === 'file' ? source.path : [])));
  const receipts: IndexedReceipt[] = [];
  try {
    for (const source of sources) receipts.push(await readReceipt(source, observer));
    return joined(receipts);
  } catch (error) {
    for (const receipt of receipts) await receipt.close();
    throw error;
  }
}

function joined(receipts: readonly IndexedReceipt[]): AppliedRecord {
  const [first, ...others] = receipts;
  if (first === undefined) throw refused('none is named');
  if (others.length === 0) return first;
  if (!others.every(({ head }) => isSameHead(head, first.head)))
    throw refused('they are of several plans, and each plan is taken back by itself');
  // In an order that does not depend on that of the command line.
  const byDigest = new Map(receipts.map((receipt) => [receipt.digest, receipt]));
  const digests = [...byDigest.keys()].sort(byCodeUnit);
  const parts = digests.flatMap((digest) => byDigest.get(digest) ?? []);
  return {
    digests,
    head: first.head,
    runs: parts.flatMap(({ runs }) => runs),
    teams: [...new Set(parts.flatMap(({ teams }) => teams))].sort(byCodeUnit),
    team: async (id) => {
      const told = (await Promise.all(parts.map((part) => part.events(id)))).filter(
        ({ length }) => length > 0,
      );
      const events = told.flat();
      // Several tell of a team that one run began and another finished: the lock let only one of them at it at a time.
      if (told.length > 1) events.sort((a, b) => byCodeUnit(a.at, b.at));
      return recordOf(id, events, first.head);
    },
    close: async () => {
      for (const receipt of receipts) await receipt.close();
    },
  };
}

function refused(problem: string): Failure {
  return new Failure('refused', {
    doing: 'putting the receipts together',
    problem,
    next: 'Name all receipts of one plan, as fix-roles apply wrote them.',
  });
}

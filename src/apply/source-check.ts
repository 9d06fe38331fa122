import type { PlanHeader } from '../files/plan/schema.js';
import type { MongoConnection } from '../stores/mongo/connection.js';
import { readSourceCounts } from '../stores/source-counts.js';
import { Failure } from '../model/failure.js';
import { SOURCE_DOUBT_WORDS, sourceDoubts } from '../model/safeguards.js';

/**
 * Refuses to take roles away by facts that seem to be gone: everybody would be a stranger. The live database is asked, for
 * the plan may be older than what happened to it.
 *
 * @throws Failure (refused) naming what is missing and the flag
 */
export async function checkSource({ summary, mapping }: PlanHeader, mongo: MongoConnection): Promise<void> {
  // Every missing team is in the plan, so that all roles need to be gone through only where these are the most.
  const mostlyMissing = (summary.findings['missing-team'] ?? 0) * 2 > summary.teams.changed;
  const counts = await readSourceCounts(mongo, mapping, mostlyMissing ? 'count' : 'skip');
  const doubts = sourceDoubts(counts).map((doubt) => SOURCE_DOUBT_WORDS[doubt]);
  if (doubts.length === 0) return;
  throw new Failure('refused', {
    doing: `looking at what decides over roles in MongoDB at ${mongo.address}`,
    problem: `${doubts.join(' and ')}: these two databases may not belong together, or a restore is not complete`,
    next: 'Nothing was applied. Check MONGODB_URI, DB_NAME and the mapping; if it is all right so, apply with --allow-empty-source.',
  });
}

import { draftTeam } from '../decide/team.js';
import type { Summary } from '../files/plan/schema.js';
import type { PlanSink } from '../files/sink.js';
import type { PlanWriter } from '../files/plan/writer.js';
import type { FactsReader, ReadTeam } from '../stores/facts-reader.js';
import type { UserFacts } from '../model/facts.js';
import type { Mapping } from '../model/mapping.js';
import type { Policy } from '../model/policy.js';
import { sourceDoubts, type SourceDoubt } from '../model/safeguards.js';
import { Failure } from '../model/failure.js';
import { teamFilterTest, type TeamFilter } from '../model/team-filter.js';
import { named } from './named-plan.js';
import { refuseUnusableAsOf, canonicalFilter } from './plan-terms.js';
import { TeamQueue } from './team-queue.js';

export interface PlanRequest {
  readonly reader: FactsReader;
  readonly policy: Policy;
  readonly mapping: Mapping;
  readonly filter: TeamFilter;
  /** What becomes of a team in the filter that no store knows; default: it is left out. */
  readonly unknownTeams?: 'refuse' | 'leave-out';
  /** The plan's one timestamp, in milliseconds since 1970. */
  readonly asOf: number;
  /** Milliseconds since 1970; only refuses an `asOf` in the future. */
  readonly now: number;
  /** `fix-roles/1.0.0` */
  readonly tool: string;
  readonly writer: PlanWriter;
  readonly out: PlanSink;
  /** Called after every team with the number so far. */
  readonly onProgress?: (teams: number) => void;
}

/** A plan that was made. */
export interface Planned {
  /** `sha256:…`, as on its last line. */
  readonly digest: string;
  readonly summary: Summary;
}

export interface PlannedChanges extends Planned {
  /** Why the two databases may not belong together; `apply` then refuses, unless `emptySource` allows it. */
  readonly doubts: readonly SourceDoubt[];
}

/**
 * Reads both stores once and writes the plan, which depends on the databases, policy, mapping, filter and `asOf` alone.
 * Holds a bounded number of teams in memory. Always ends the writer and the sink.
 *
 * @throws {Failure} refused: `asOf` is unusable; usage: the filter is; operational: a store or the plan's file fails, or
 *   a team is unknown
 */
export function planChanges(request: PlanRequest): Promise<PlannedChanges> {
  return discardedOnFailure(request, plan(request));
}

/** Ends the writer and the sink where the work fails. */
export async function discardedOnFailure<Result>(
  { writer, out }: Pick<PlanRequest, 'writer' | 'out'>,
  work: Promise<Result>,
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    await writer.discard();
    await out.discard();
    throw error;
  }
}

async function plan(request: PlanRequest): Promise<PlannedChanges> {
  const { reader, policy, mapping, asOf } = request;
  const writer = named(request.writer, reader.names, mapping);
  refuseUnusableAsOf(asOf, request.now);
  const filter = canonicalFilter(request.filter, mapping.ids);
  const queue = new TeamQueue({ reader, writer, mapping, asOf });
  const activeRoles = { mongo: 0, postgres: 0 };
  let scanned = 0;
  const unknown = new Set(filter.teams?.filter(teamFilterTest(filter)));
  const sources = { teams: 0, memberships: 0, holding: 0, missing: 0 };

  async function take({ facts, images, activeRows }: ReadTeam): Promise<void> {
    scanned += 1;
    activeRoles.mongo += activeRows.mongo;
    activeRoles.postgres += activeRows.postgres;
    const holds = activeRows.mongo + activeRows.postgres > 0;
    if (facts.team.state !== 'missing') sources.teams += 1;
    else if (holds) sources.missing += 1;
    if (holds || facts.team.state !== 'missing') unknown.delete(facts.team.id);
    if (holds) sources.holding += 1;
    sources.memberships += facts.users.filter(({ member }) => member).length;
    const draft = draftTeam(facts, { policy, asOf });
    for (const finding of draft.findings) await writer.finding(finding);
    await queue.add({ draft, images, holders: facts.users.filter(holdsRole).length });
    request.onProgress?.(scanned);
  }

  for await (const read of reader.read(filter, policy)) {
    if (read.kind === 'team') await take(read.team);
    else await writer.finding(read.finding);
  }
  await queue.settle();
  if (request.unknownTeams === 'refuse' && unknown.size > 0) throw noSuchTeam([...unknown]);
  const header = {
    kind: 'fix',
    asOf: new Date(asOf).toISOString(),
    tool: request.tool,
    targets: reader.targets,
    consistency: reader.consistency,
    filter,
    policy,
    mapping,
  } as const;
  const doubts = sourceDoubts(sources);
  const written = await writer.finish({ header, scanned, activeRoles, doubts }, request.out);
  return { ...written, doubts };
}

/** A role that cannot be read is one too. */
function holdsRole({ rows, malformed }: UserFacts): boolean {
  return rows.mongo.length + rows.postgres.length + malformed.length > 0;
}

function noSuchTeam(ids: readonly string[]): Failure {
  return new Failure('operational', {
    doing: 'reading the teams',
    problem: `there is no team ${ids.join(', ')}: it has neither a document nor active role rows`,
    next: 'Nothing was planned. Check the id and which databases these are; plan takes ids, not names.',
  });
}

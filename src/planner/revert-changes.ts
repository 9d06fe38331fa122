import type { AppliedChange } from '../plan/receipt-schema.js';
import type { IndexedReceipt, TeamRecord } from '../plan/receipt-index.js';
import { mongoImageId, postgresImageId, postgresImageLink } from '../plan/row-image.js';
import { undoSchema, type Filter, type Summary } from '../plan/schema.js';
import type { PlanSink } from '../plan/sink.js';
import type { PlanWriter } from '../plan/writer.js';
import type { LiveReader, LiveTeams } from '../stores/live-reader.js';
import { Failure } from '../team/failure.js';
import { byCodeUnit } from '../team/id.js';
import type { LiveQuestion } from '../team/live.js';
import type { Mapping } from '../team/mapping.js';
import type { SerialId } from '../team/serial-id.js';
import type { Team } from '../team/team.js';
import type { Undo, UndoDecision } from '../team/undo.js';
import { refuseUnusableAsOf } from './as-of.js';
import { LiveRows } from './live-rows.js';
import { undoUser } from './undo-user.js';

/** How many teams, and how many changes in them, are looked at at once. */
const BATCH_TEAMS = 200;
const BATCH_CHANGES = 2_000;

/** What a plan takes back is all that its receipt holds. */
const EVERYTHING: Filter = { teams: null, excludeTeams: [], shard: null };

/** What a revert plan is made from, and where it goes. */
export interface RevertRequest {
  readonly receipt: IndexedReceipt;
  readonly reader: LiveReader;
  /** The plan's one timestamp, in milliseconds since 1970. */
  readonly asOf: number;
  /** The clock, in milliseconds since 1970; only to refuse an `asOf` in the future. */
  readonly now: number;
  /** Name and version of the tool: `fix-roles/1.0.0`. */
  readonly tool: string;
  readonly writer: PlanWriter;
  readonly out: PlanSink;
  /** Told after every team how many there were. */
  readonly onProgress?: (teams: number) => void;
}

/**
 * Writes the plan that takes back what a receipt says was applied, as far as the live rows still are as the apply left
 * them (DESIGN section 5). Holds a bounded number of teams in memory. Ends the writer and the sink, whatever happens.
 *
 * @throws {Failure} refused: `asOf` is unusable, or the receipt holds what no apply does; operational: a store or the
 *   plan's file fails
 */
export async function revertChanges(request: RevertRequest): Promise<{ digest: string; summary: Summary }> {
  const { writer, out } = request;
  try {
    return await revert(request);
  } catch (error) {
    await writer.discard();
    await out.discard();
    throw error;
  }
}

async function revert(request: RevertRequest): Promise<{ digest: string; summary: Summary }> {
  const { receipt, reader, asOf, writer } = request;
  refuseUnusableAsOf(asOf, request.now);
  const { plan, targets, policy, mapping } = receipt.head;
  let teams = 0;
  for await (const batch of batches(receipt)) {
    const live = await reader.read(batch.map((record) => questionOf(record, mapping)));
    const rows = new LiveRows(live);
    for (const record of batch) {
      await writeTeam(record, teamIn(record.team, live), live, rows, request);
      teams += 1;
      request.onProgress?.(teams);
    }
  }
  const header = {
    kind: 'revert',
    reverts: { plan, receipt: receipt.digest },
    asOf: new Date(asOf).toISOString(),
    tool: request.tool,
    targets,
    consistency: reader.consistency,
    filter: EVERYTHING,
    policy,
    mapping,
  } as const;
  const activeRoles = await reader.activeRoles();
  return writer.finish({ header, scanned: teams, activeRoles }, request.out);
}

async function* batches(receipt: IndexedReceipt): AsyncGenerator<TeamRecord[]> {
  let batch: TeamRecord[] = [];
  let changes = 0;
  for (const id of receipt.teams) {
    const record = await receipt.team(id);
    if (record === null) continue;
    batch.push(record);
    changes += record.changes.length;
    if (batch.length < BATCH_TEAMS && changes < BATCH_CHANGES) continue;
    yield batch;
    batch = [];
    changes = 0;
  }
  if (batch.length > 0) yield batch;
}

async function writeTeam(
  { team: id, changes }: TeamRecord,
  team: Team,
  { standings }: LiveTeams,
  live: LiveRows,
  { receipt, writer }: RevertRequest,
): Promise<void> {
  const { mapping } = receipt.head;
  const decisions: UndoDecision[] = [];
  for (const [user, applied] of byUser(changes, id)) {
    const member = standings.get(id)?.members.has(user) ?? false;
    const verdict = undoUser({ team, user, member, applied }, live, mapping);
    switch (verdict.kind) {
      case 'nothing':
        break;
      case 'changed-since':
        await writer.block({ code: 'changed-since', team: id, user });
        break;
      case 'decision':
        decisions.push(verdict.decision);
    }
  }
  if (decisions.length > 0) await writer.team({ team, decisions });
}

/** The users of a team in their order, each with what was applied. */
function byUser(changes: readonly AppliedChange[], team: string): [string, Undo[]][] {
  const users = new Map<string, Undo[]>();
  for (const change of changes) {
    const { user, op, store, role, before, after } = change;
    const undo = undoSchema.safeParse({ op, store, role, before, after });
    if (!undo.success) throw unreadable(team, user);
    const applied = users.get(user);
    if (applied) applied.push(undo.data);
    else users.set(user, [undo.data]);
  }
  return [...users].sort(([a], [b]) => byCodeUnit(a, b));
}

function teamIn(id: string, { standings, names }: LiveTeams): Team {
  const found = standings.get(id);
  if (found === undefined) throw new Error('a team was not read');
  const { state, createdBy } = found;
  return state === 'missing'
    ? { id, name: null, state, createdBy: null }
    : { id, name: names.get(id) ?? null, state, createdBy };
}

/** All rows that were changed, the users' active ones, and whoever holds a link that would come back. */
function questionOf({ team, changes }: TeamRecord, mapping: Mapping): LiveQuestion {
  const mongoIds = new Set<string>();
  const postgresIds = new Set<SerialId>();
  const links = new Set<string>();
  for (const change of changes) {
    if (change.store === 'mongo') {
      const image = change.after ?? change.before;
      const id = image && mongoImageId(image, mapping);
      if (id === null) throw unreadable(team, change.user);
      mongoIds.add(id);
      continue;
    }
    const image = change.after ?? change.before;
    const id = image && postgresImageId(image, mapping);
    if (image === null || id === null) throw unreadable(team, change.user);
    postgresIds.add(id);
    const link = postgresImageLink(image, mapping);
    if (typeof link === 'string') links.add(link);
  }
  return {
    team,
    users: [...new Set(changes.map(({ user }) => user))],
    mongoIds: [...mongoIds],
    postgresIds: [...postgresIds],
    newMongoIds: [],
    links: [...links],
  };
}

function unreadable(team: string, user: string): Failure {
  return new Failure('refused', {
    doing: 'reading what the receipt says was applied',
    problem: `a change of user ${user} in team ${team} lacks a row, or its row an id`,
    next: 'Use the receipt as fix-roles wrote it.',
  });
}

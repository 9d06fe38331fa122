import { Defect } from '../files/defect.js';
import type { AppliedChange } from '../files/receipt/schema.js';
import type { AppliedRecord, TeamRecord } from '../files/receipt/index.js';
import { undoing, type Undoing } from '../files/plan/undo.js';
import { undoSchema } from '../files/plan/decision-schema.js';
import { checkUndone } from '../files/plan/check/undo-check.js';
import { isWritable, type PlanWriter } from '../files/plan/writer.js';
import type { LiveReader, LiveTeams } from '../stores/live-reader.js';
import type { PostgresImage, Undo, UndoDecision } from '../model/decision.js';
import { byCodeUnit, type SerialId } from '../model/id.js';
import type { LiveQuestion } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import { exemptionOf, type Exempted, type Policy } from '../model/policy.js';
import type { Team } from '../model/team.js';
import { EVERY_TEAM } from '../model/team-filter.js';
import { named } from './named-plan.js';
import { discardedOnFailure, type Planned, type PlanRequest } from './plan-changes.js';
import { refuseUnusableAsOf } from './plan-terms.js';
import { undoUser } from './undo-user.js';

const BATCH_TEAMS = 200;
const BATCH_CHANGES = 2_000;

export interface RevertRequest extends Pick<
  PlanRequest,
  'asOf' | 'now' | 'tool' | 'writer' | 'out' | 'onProgress'
> {
  readonly receipt: AppliedRecord;
  readonly reader: LiveReader;
  /** That of the receipt; whether it names users is for this plan alone to say. */
  readonly mapping: Mapping;
  /** What is exempt by now; the receipt's own policy exempts nobody who stands in it. */
  readonly policy: Pick<Policy, 'exempt'>;
}

/** A plan of kind `revert`, and what the plan itself does not hold. */
export interface PlannedRevert extends Planned {
  /** Who is exempt by now, though the plan takes back what was done to them; in the order of the policy. */
  readonly exempted: readonly Exempted[];
}

/**
 * Writes the plan that takes back what a receipt recorded, where the live rows still are as the apply left them
 * (docs/design.md, "The plan file"). Anything else blocks its user in that team. Holds a bounded number of teams in
 * memory. Always ends the writer and the sink.
 *
 * @throws {Failure} refused: `asOf` is unusable; operational: a store or the plan's file fails
 */
export function revertChanges(request: RevertRequest): Promise<PlannedRevert> {
  return discardedOnFailure(request, revert(request));
}

async function revert(request: RevertRequest): Promise<PlannedRevert> {
  const { receipt, reader, asOf, mapping } = request;
  const writer = named(request.writer, reader.names, mapping);
  refuseUnusableAsOf(asOf, request.now);
  const { plan, targets, policy } = receipt.head;
  const { exempt } = request.policy;
  const touched = { teams: new Set<string>(), users: new Set<string>() };
  let teams = 0;
  for await (const batch of batches(receipt)) {
    const applied = batch.map((record) => appliedTo(record, mapping));
    const live = await reader.read(applied.map((team) => questionOf(team, policy)));
    const unfit = await reader.unfit(applied.flatMap(comingBack));
    const holders = await reader.holders(applied.map(({ id }) => id));
    for (const team of applied) {
      const found = { live, unfit, holders: holders.get(team.id)?.size ?? 0 };
      const users = await writeTeam(team, teamIn(team.id, live), found, { mapping, writer });
      if (users.length > 0 && exemptionOf(request.policy, 'teams', team.id) !== undefined)
        touched.teams.add(team.id);
      for (const user of users)
        if (exemptionOf(request.policy, 'users', user) !== undefined) touched.users.add(user);
      teams += 1;
      request.onProgress?.(teams);
    }
  }
  const [only, ...others] = receipt.digests;
  const header = {
    kind: 'revert',
    reverts: { plan, receipt: only !== undefined && others.length === 0 ? only : [...receipt.digests] },
    asOf: new Date(asOf).toISOString(),
    tool: request.tool,
    targets,
    consistency: reader.consistency,
    // What a plan takes back is all that its receipts hold.
    filter: EVERY_TEAM,
    policy,
    mapping,
  } as const;
  const activeRoles = await reader.activeRoles();
  const written = await writer.finish({ header, scanned: teams, activeRoles, doubts: [] }, request.out);
  const exempted = (['users', 'teams'] as const).flatMap((kind) =>
    exempt[kind].filter(({ id }) => touched[kind].has(id)).map((one) => ({ kind, ...one })),
  );
  return { ...written, exempted };
}

async function* batches(receipt: AppliedRecord): AsyncGenerator<TeamRecord[]> {
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

/** What the receipt recorded of one team, sorted by user. */
interface AppliedTeam {
  readonly id: string;
  readonly users: readonly (readonly [user: string, applied: readonly Undoing[]])[];
  readonly notUndoable: ReadonlySet<string>;
}

/** What the databases hold of a team and others. */
interface Found {
  readonly live: LiveTeams;
  readonly unfit: ReadonlySet<PostgresImage>;
  /** How many people hold an active role in the team. */
  readonly holders: number;
}

/** @returns the users who get changes */
async function writeTeam(
  { id, users, notUndoable }: AppliedTeam,
  team: Team,
  { live, unfit, holders }: Found,
  { mapping, writer }: { readonly mapping: Mapping; readonly writer: Pick<PlanWriter, 'block' | 'team'> },
): Promise<string[]> {
  const decisions: UndoDecision[] = [];
  for (const user of notUndoable) await writer.block({ code: 'not-undoable', team: id, user });
  for (const [user, applied] of users) {
    const member = live.standingsOf(id).members.has(user);
    const verdict = undoUser({ team, user, member, applied }, live, mapping.ids);
    switch (verdict.kind) {
      case 'nothing':
        break;
      case 'changed-since':
        await writer.block({ code: 'changed-since', team: id, user });
        break;
      case 'decision':
        if (
          verdict.decision.undo.some((undo) => rowsOf(undo).some((row) => unfit.has(row))) ||
          !isWritable(verdict.decision)
        )
          await writer.block({ code: 'not-undoable', team: id, user });
        else decisions.push(verdict.decision);
    }
  }
  if (decisions.length > 0) await writer.team({ team, holders, decisions });
  return decisions.map(({ user }) => user);
}

/** The PostgreSQL rows that the plan would insert again. */
function comingBack({ users }: AppliedTeam): PostgresImage[] {
  return users.flatMap(([, applied]) => applied.flatMap(({ undo }) => rowsOf(undo)));
}

function rowsOf(undo: Undo): PostgresImage[] {
  return undo.store === 'postgres' && undo.op === 'delete' ? [undo.before] : [];
}

/** One entry that cannot be taken back blocks its user in this team, and nobody else. */
function appliedTo({ team, changes }: TeamRecord, mapping: Mapping): AppliedTeam {
  const users = new Map<string, Undoing[]>();
  const notUndoable = new Set<string>();
  for (const change of changes) {
    const undo = undoOf(change, team, mapping);
    if (undo === null) notUndoable.add(change.user);
    else users.set(change.user, [...(users.get(change.user) ?? []), undoing(undo, mapping)]);
  }
  const rest = [...users].filter(([user]) => !notUndoable.has(user));
  return { id: team, users: rest.sort(([a], [b]) => byCodeUnit(a, b)), notUndoable };
}

/** A receipt's change in the form of a plan; null if the plan reader would refuse it. */
function undoOf(
  { user, op, store, role, before, after }: AppliedChange,
  team: string,
  mapping: Mapping,
): Undo | null {
  const undo = undoSchema.safeParse({ op, store, role, before, after });
  if (!undo.success) return null;
  try {
    checkUndone(undo.data, '', { team, decision: { user }, mapping });
    return undo.data;
  } catch (error) {
    if (error instanceof Defect) return null;
    throw error;
  }
}

function teamIn(id: string, { standingsOf, names }: LiveTeams): Team {
  const { state, createdBy } = standingsOf(id);
  return state === 'missing'
    ? { id, name: null, state, createdBy: null }
    : { id, name: names.get(id) ?? null, state, createdBy };
}

/** All rows that were changed, the users' active ones, and those that hold a link that would come back. */
function questionOf(
  { id: team, users }: AppliedTeam,
  { activeValues }: Pick<Policy, 'activeValues'>,
): LiveQuestion {
  const mongoIds = new Set<string>();
  const postgresIds = new Set<SerialId>();
  const links = new Set<string>();
  for (const { undo, row } of users.flatMap(([, applied]) => applied)) {
    if (row.link !== null) (undo.store === 'mongo' ? mongoIds : links).add(row.link);
    if (undo.store === 'postgres' && row.id !== null) postgresIds.add(row.id);
  }
  return {
    team,
    users: users.map(([user]) => user),
    activeValues,
    mongoIds: [...mongoIds],
    postgresIds: [...postgresIds],
    newMongoIds: [],
    links: [...links],
  };
}

import { openPlanWriter, type PlanRest } from '../../../src/files/plan/writer.js';
import { inUndoingOrder, undoing } from '../../../src/files/plan/undo.js';
import type { MongoImage, PostgresImage, Undo, UndoDecision } from '../../../src/model/decision.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import type { RoleRows } from '../../../src/model/role-row.js';
import type { Standing } from '../../../src/model/team.js';
import { collectingSink } from './collecting-sink.js';
import { id, live, SAMPLE_REST } from './sample-plan.js';

const TEAM = id('a', 1);

/** A document of a user in team 1, with a field that the tool does not know. */
export function revertedDocument(number: number, user: number, role: string, active = true): MongoImage {
  return {
    _id: { $oid: id('d', number) },
    user_id: id('b', user),
    role_name: role,
    scope: 'TEAM',
    team_id: { $oid: TEAM },
    is_active: active,
    note: { $numberLong: '9007199254740993' },
  };
}

/** A row of a user in team 1, with a column that the tool does not know. */
export function revertedRow(
  serial: number,
  link: number | null,
  user: number,
  role: string,
  active = true,
): PostgresImage {
  return {
    id: String(serial),
    mongo_id: link === null ? null : id('d', link),
    user_id: id('b', user),
    role_name: role,
    scope: 'TEAM',
    team_id: TEAM,
    is_active: active ? 't' : 'f',
    created_at: '2023-11-14 22:13:20.123456+00',
    created_by: 'system',
    last_sync_at: active ? '2023-11-14 22:13:20+00' : '2026-11-22 06:15:00+00',
    sync_status: 'SYNCED',
    sync_error: null,
    weight: '1.10',
  };
}

function decision(user: number, standing: Standing, observed: RoleRows, undo: readonly Undo[]): UndoDecision {
  const pairs = undo.map((one) => undoing(one, DEFAULT_MAPPING)).sort(inUndoingOrder);
  return {
    user: id('b', user),
    standing,
    member: standing === 'member',
    observed,
    changes: pairs.map(({ change }) => change),
    undo: pairs.map((pair) => pair.undo),
  };
}

/** The copies of a role that a user has, as a plan observes them. */
function observed(link: number, serial: number, role: string, active = true): RoleRows {
  return {
    mongo: [{ id: id('d', link), role, active }],
    postgres: [{ id: serial, mongoId: id('d', link), role, active }],
  };
}

/** What was done to both copies of a user's `member`: one of the images is active, and the other is not. */
function switched(op: 'deactivate' | 'reactivate', link: number, serial: number, user: number): Undo[] {
  const document = (active: boolean) => revertedDocument(link, user, 'member', active);
  const row = (active: boolean) => revertedRow(serial, link, user, 'member', active);
  const before = op === 'deactivate';
  return [
    { op, store: 'mongo', role: 'member', before: document(before), after: document(!before) },
    { op, store: 'postgres', role: 'member', before: row(before), after: row(!before) },
  ];
}

const MONGO = { store: 'mongo', role: 'admin' } as const;
const POSTGRES = { store: 'postgres', role: 'admin' } as const;

/** Every kind of applied change in each store: inserted, deleted (with and without a link), deactivated, reactivated. */
export const REVERTED: readonly UndoDecision[] = [
  decision(1, 'owner', observed(1, 11, 'owner'), [
    { op: 'insert', ...MONGO, role: 'owner', before: null, after: revertedDocument(1, 1, 'owner') },
    { op: 'insert', ...POSTGRES, role: 'owner', before: null, after: revertedRow(11, 1, 1, 'owner') },
  ]),
  decision(2, 'member', { ...observed(3, 0, 'member'), postgres: [] }, [
    { op: 'delete', ...MONGO, before: revertedDocument(2, 2, 'admin'), after: null },
    { op: 'delete', ...POSTGRES, before: revertedRow(12, 2, 2, 'admin'), after: null },
    { op: 'delete', ...POSTGRES, role: 'viewer', before: revertedRow(13, null, 2, 'viewer'), after: null },
  ]),
  decision(3, 'outsider', observed(4, 14, 'member', false), switched('deactivate', 4, 14, 3)),
  decision(4, 'member', observed(5, 15, 'member'), switched('reactivate', 5, 15, 4)),
];

const REST: PlanRest = {
  scanned: 7,
  activeRoles: { mongo: 20, postgres: 20 },
  doubts: [],
  header: {
    ...SAMPLE_REST.header,
    kind: 'revert',
    reverts: { plan: `sha256:${'1'.repeat(64)}`, receipt: `sha256:${'2'.repeat(64)}` },
    filter: { teams: null, excludeTeams: [], shard: null },
  },
};

/** The bytes of a plan that takes all of that back, and leaves one user alone. */
export async function sampleRevert(): Promise<Buffer> {
  const writer = await openPlanWriter();
  await writer.team({ team: live(1, 1), holders: 5, decisions: REVERTED });
  await writer.block({ code: 'changed-since', team: TEAM, user: id('b', 9) });
  const { sink, written } = collectingSink();
  await writer.finish(REST, sink);
  return written();
}

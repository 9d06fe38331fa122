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

/** Every kind of applied change in each store: inserted, deleted (with and without a link), deactivated, reactivated. */
export const REVERTED: readonly UndoDecision[] = [
  decision(
    1,
    'owner',
    {
      mongo: [{ id: id('d', 1), role: 'owner', active: true }],
      postgres: [{ id: 11, mongoId: id('d', 1), role: 'owner', active: true }],
    },
    [
      { op: 'insert', store: 'mongo', role: 'owner', before: null, after: revertedDocument(1, 1, 'owner') },
      { op: 'insert', store: 'postgres', role: 'owner', before: null, after: revertedRow(11, 1, 1, 'owner') },
    ],
  ),
  decision(2, 'member', { mongo: [{ id: id('d', 3), role: 'member', active: true }], postgres: [] }, [
    { op: 'delete', store: 'mongo', role: 'admin', before: revertedDocument(2, 2, 'admin'), after: null },
    { op: 'delete', store: 'postgres', role: 'admin', before: revertedRow(12, 2, 2, 'admin'), after: null },
    {
      op: 'delete',
      store: 'postgres',
      role: 'viewer',
      before: revertedRow(13, null, 2, 'viewer'),
      after: null,
    },
  ]),
  decision(
    3,
    'outsider',
    {
      mongo: [{ id: id('d', 4), role: 'member', active: false }],
      postgres: [{ id: 14, mongoId: id('d', 4), role: 'member', active: false }],
    },
    [
      {
        op: 'deactivate',
        store: 'mongo',
        role: 'member',
        before: revertedDocument(4, 3, 'member'),
        after: revertedDocument(4, 3, 'member', false),
      },
      {
        op: 'deactivate',
        store: 'postgres',
        role: 'member',
        before: revertedRow(14, 4, 3, 'member'),
        after: revertedRow(14, 4, 3, 'member', false),
      },
    ],
  ),
  decision(
    4,
    'member',
    {
      mongo: [{ id: id('d', 5), role: 'member', active: true }],
      postgres: [{ id: 15, mongoId: id('d', 5), role: 'member', active: true }],
    },
    [
      {
        op: 'reactivate',
        store: 'mongo',
        role: 'member',
        before: revertedDocument(5, 4, 'member', false),
        after: revertedDocument(5, 4, 'member'),
      },
      {
        op: 'reactivate',
        store: 'postgres',
        role: 'member',
        before: revertedRow(15, 5, 4, 'member', false),
        after: revertedRow(15, 5, 4, 'member'),
      },
    ],
  ),
];

const REST: PlanRest = {
  scanned: 7,
  activeRoles: { mongo: 20, postgres: 20 },
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
  await writer.team({ team: live(1, 1), decisions: REVERTED });
  await writer.block({ code: 'changed-since', team: TEAM, user: id('b', 9) });
  const { sink, written } = collectingSink();
  await writer.finish(REST, sink);
  return written();
}

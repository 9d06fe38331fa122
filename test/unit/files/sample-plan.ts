import { draftTeam, settleTeam } from '../../../src/decide/team.js';
import { insertedDocument, insertedRow } from '../../../src/files/row-image.js';
import { openPlanWriter, type NewPlanTeam, type PlanRest } from '../../../src/files/plan/writer.js';
import type { DerivedChange } from '../../../src/model/change.js';
import type { Change, Decision, MongoImage, PostgresImage } from '../../../src/model/decision.js';
import type { LinkedRow, UserFacts } from '../../../src/model/facts.js';
import type { SerialId } from '../../../src/model/id.js';
import type { Block, Finding, OddField } from '../../../src/model/finding.js';
import { DEFAULT_MAPPING } from '../../../src/model/mapping.js';
import { DEFAULT_POLICY } from '../../../src/model/policy.js';
import type { MongoRoleRow, PostgresRoleRow, RoleRows } from '../../../src/model/role-row.js';
import type { Store } from '../../../src/model/store.js';
import type { Team } from '../../../src/model/team.js';
import { collectingSink } from './collecting-sink.js';

export const AS_OF = '2026-11-22T06:15:00.000Z';
export const AT = Date.parse(AS_OF);
/** When the sample plan is read. */
export const NOW = AT + 60_000;

/** An id that says what it is for: `id('a', 1)` is a000…0001. */
export function id(prefix: string, number: number): string {
  return prefix + number.toString(16).padStart(24 - prefix.length, '0');
}

export function mongoRow(number: number, role: string): MongoRoleRow {
  return { id: id('d', number), role, active: true };
}

export function postgresRow(number: number, role: string, link: number | null): PostgresRoleRow {
  return { id: number, mongoId: link === null ? null : id('d', link), role, active: true };
}

export function user(number: number, member: boolean, rows: Partial<RoleRows> = {}): UserFacts {
  return { user: id('b', number), member, rows: { mongo: [], postgres: [], ...rows }, malformed: [] };
}

/** A team as it might be found, and the inactive rows that its rows are linked to. */
export interface SampleTeam {
  readonly team: Team;
  readonly users: readonly UserFacts[];
  readonly inactiveMongo?: readonly LinkedRow<string>[];
  readonly inactivePostgres?: readonly (LinkedRow<SerialId> & { readonly mongoId: string })[];
}

export function live(number: number, owner: number, name = `Team ${number}`): Team {
  return { id: id('a', number), name, state: 'live', createdBy: id('b', owner) };
}

const INACTIVE = { team: id('a', 3), role: 'member', scope: 'TEAM', active: false };

/** Every kind of change, of standing and of team, findings and blocks. */
export const SAMPLE_TEAMS: readonly SampleTeam[] = [
  {
    team: live(1, 1, 'Überblick „日本“ 👩‍👩‍👧'),
    users: [
      user(1, true),
      user(2, true, {
        mongo: [mongoRow(1, 'member'), mongoRow(2, 'admin')],
        postgres: [postgresRow(11, 'admin', 2)],
      }),
      user(3, false, {
        mongo: [mongoRow(3, 'member'), mongoRow(4, 'owner')],
        postgres: [postgresRow(12, 'member', 3), postgresRow(13, 'owner', 4)],
      }),
    ],
  },
  {
    team: { id: id('a', 2), name: null, state: 'missing', createdBy: null },
    users: [
      user(4, true, {
        mongo: [mongoRow(5, 'owner'), mongoRow(11, 'owner')],
        postgres: [postgresRow(14, 'owner', 5)],
      }),
    ],
  },
  {
    team: live(3, 5),
    users: [
      user(5, false, {
        mongo: [mongoRow(6, 'owner'), mongoRow(7, 'owner'), mongoRow(8, 'viewer')],
        postgres: [postgresRow(15, 'owner', 6)],
      }),
      user(6, true, { mongo: [mongoRow(9, 'member')] }),
      user(7, true, { postgres: [postgresRow(17, 'member', 10)] }),
      user(8, true, { postgres: [postgresRow(18, 'member', null)] }),
    ],
    inactivePostgres: [{ id: 16, mongoId: id('d', 9), user: id('b', 6), ...INACTIVE }],
    inactiveMongo: [{ id: id('d', 10), user: id('b', 7), ...INACTIVE }],
  },
  { team: { ...live(4, 1), createdBy: null }, users: [user(9, true)] },
  {
    team: { id: id('a', 5), name: 'Gone', state: 'deleted', createdBy: id('b', 1) },
    users: [user(10, false, { mongo: [mongoRow(20, 'owner')] })],
  },
  {
    team: { id: id('a', 6), name: null, state: 'missing', createdBy: null },
    users: [user(4, false, { postgres: [postgresRow(21, 'admin', null)] })],
  },
];

/** What makes a row malformed. */
export function odd(store: Store, row: string, field: string, value: string): OddField {
  return { at: { store, row, field }, value };
}

export const SAMPLE_FINDINGS: readonly Finding[] = [
  { code: 'malformed-row', team: null, user: null, ...odd('mongo', '"d9"', 'team_id', '7') },
  { code: 'malformed-row', team: id('a', 9), user: null, ...odd('postgres', '30', 'user_id', '"nobody"') },
  { code: 'malformed-row', team: null, user: id('b', 9), ...odd('postgres', '31', 'team_id', 'null') },
  { code: 'malformed-row', team: null, user: id('b', 9), ...odd('postgres', '32', 'team_id', 'null') },
  { code: 'malformed-row', team: null, user: id('b', 9), ...odd('postgres', '31', 'mongo_id', '"zz"') },
  { code: 'odd-membership', team: id('a', 1), user: id('b', 3), ...odd('mongo', 'm1', 'is_active', '"yes"') },
  { code: 'odd-team-state', team: id('a', 3), user: null, ...odd('mongo', id('a', 3), 'is_deleted', '1') },
];

export const SAMPLE_REST: PlanRest = {
  header: {
    kind: 'fix',
    asOf: AS_OF,
    tool: 'fix-roles/1.0.0',
    targets: {
      mongo: {
        database: 'app',
        replicaSet: 'rs0',
        collections: {
          teams: '11111111-1111-4111-8111-111111111111',
          user_roles: '22222222-2222-4222-8222-222222222222',
          user_team_details: '33333333-3333-4333-8333-333333333333',
        },
      },
      postgres: {
        systemIdentifier: '7412345678901234567',
        database: 'app',
        table: 'public.postgres_user_roles',
        oid: 16390,
      },
    },
    consistency: { mongo: 'snapshot', postgres: 'snapshot' },
    filter: { teams: null, excludeTeams: [id('a', 7), id('a', 8)], shard: null },
    policy: DEFAULT_POLICY,
    mapping: DEFAULT_MAPPING,
  },
  scanned: 120,
  activeRoles: { mongo: 1480, postgres: 1462 },
  doubts: [],
};

/** What the rules make of a team: the plan's team and its findings and blocks. */
export function decide({ team, users, inactiveMongo = [], inactivePostgres = [] }: SampleTeam): {
  readonly planned: (NewPlanTeam & { readonly decisions: readonly Decision[] }) | undefined;
  readonly findings: readonly Finding[];
  readonly blocked: readonly Block[];
} {
  const facts = { team, users, rowsWithoutUser: [], membershipsWithoutUser: [], oddStates: [] };
  const draft = draftTeam(facts, { policy: DEFAULT_POLICY, asOf: AT });
  const { decisions, blocked } = settleTeam(draft, {
    mongo: (link) => inactiveMongo.find((row) => row.id === link),
    postgres: (link) => inactivePostgres.find((row) => row.mongoId === link),
  });
  const planned = decisions.map(({ user, standing, member, observed, changes: derived }): Decision => {
    const changes = derived.map((change) => withImage(change, team.id, user, observed));
    return { user, standing, member, observed, changes };
  });
  const { findings } = draft;
  const holders = users.filter(({ rows }) => rows.mongo.length + rows.postgres.length > 0).length;
  return {
    planned: planned.length > 0 ? { team, holders, decisions: planned } : undefined,
    findings,
    blocked,
  };
}

export async function planOf(
  teams: Iterable<SampleTeam>,
  findings: readonly Finding[] = [],
  rest: PlanRest = SAMPLE_REST,
): Promise<Buffer> {
  const writer = await openPlanWriter();
  for (const sample of teams) {
    const decided = decide(sample);
    for (const finding of decided.findings) await writer.finding(finding);
    for (const block of decided.blocked) await writer.block(block);
    if (decided.planned !== undefined) await writer.team(decided.planned);
  }
  for (const finding of findings) await writer.finding(finding);
  const { sink, written } = collectingSink();
  await writer.finish(rest, sink);
  return written();
}

export function samplePlan(): Promise<Buffer> {
  const exempt = {
    users: [{ id: id('b', 77), reason: 'a robot' }],
    teams: [{ id: id('a', 77), reason: 'investigated' }],
  };
  const header = { ...SAMPLE_REST.header, policy: { ...DEFAULT_POLICY, exempt } };
  const findings: Finding[] = [
    { code: 'exempt', team: id('a', 1), user: id('b', 77), value: 'a robot' },
    { code: 'exempt', team: id('a', 77), user: null, value: 'investigated' },
  ];
  return planOf(SAMPLE_TEAMS, [...SAMPLE_FINDINGS, ...findings], { ...SAMPLE_REST, header });
}

function withImage(change: DerivedChange, team: string, whose: string, observed: RoleRows): Change {
  const { role, rule } = change;
  if (change.op === 'insert') {
    const row = { team, user: whose, role, link: change.link };
    return change.store === 'mongo'
      ? { op: 'insert', store: 'mongo', role, rule, after: insertedDocument(row, AT, DEFAULT_MAPPING) }
      : { op: 'insert', store: 'postgres', role, rule, after: insertedRow(row, AT, DEFAULT_MAPPING) };
  }
  if (change.store === 'mongo') {
    const active = change.op !== 'reactivate';
    const before: MongoImage = {
      _id: { $oid: change.id },
      user_id: whose,
      role_name: role,
      scope: 'TEAM',
      team_id: { $oid: team },
      is_active: active,
      created_at: { $date: { $numberLong: '1700000000000' } },
      created_by: 'system',
      note: 'line\nbreak',
    };
    return { op: change.op, store: 'mongo', role, rule, before };
  }
  const row = observed.postgres.find((candidate) => candidate.id === change.id);
  const before: PostgresImage = {
    id: String(change.id),
    mongo_id: row?.mongoId ?? null,
    user_id: whose,
    role_name: role,
    scope: 'TEAM',
    team_id: team,
    is_active: change.op === 'reactivate' ? 'f' : 't',
    created_at: '2023-11-14 22:13:20.123456+00',
    created_by: 'system',
    last_sync_at: '2023-11-14 22:13:20+00',
    sync_status: 'SYNCED',
    sync_error: null,
  };
  return { op: change.op, store: 'postgres', role, rule, before };
}

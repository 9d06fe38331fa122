import { Decimal128, Long, ObjectId, type Document } from 'bson';
import {
  OWNER_ROLES,
  personId,
  sampleCase,
  type PostgresRoleRow,
  type SampleCase,
} from '../../src/sandbox/sample-case.js';

/** The documents and rows that every case begins with. */
export interface Scenario {
  readonly teams: readonly Document[];
  readonly memberships: readonly Document[];
  readonly roles: readonly Document[];
  readonly rows: readonly PostgresRoleRow[];
  /** The teams that a plan changes. */
  readonly broken: readonly string[];
}

/** People of the scenario, for what the application does to them while a plan is applied. */
export const PEOPLE = {
  owner: personId(1),
  member: personId(2),
  late: personId(3),
  returning: personId(4),
  former: personId(5),
  stranger: personId(6),
};
const { owner, member, late, returning, former, stranger } = PEOPLE;

/** One team in which every operation is due in either store: insert, reactivate, deactivate and delete. */
const everyOperation = sampleCase(1, 'every-operation', (team) => {
  const inactiveInPostgres = team.newRowId();
  const onlyInPostgres = team.newRowId();
  const inactiveInMongo = team.newRowId();
  team.document('Every Operation', owner);
  for (const user of [owner, member, late, returning]) team.member(user);
  // The owner lacks admin in both stores, owner in Postgres (an inactive copy exists), member in MongoDB.
  team.mongo(owner, 'owner', { _id: new ObjectId(inactiveInPostgres) });
  team.postgres(owner, 'owner', { mongo_id: inactiveInPostgres, is_active: false });
  team.postgres(owner, 'member', { mongo_id: onlyInPostgres });
  // A member holds too much.
  team.linked(member, 'member', 'admin');
  // A member whose role stands in MongoDB alone, and one whose document is inactive.
  team.mongo(late, 'member');
  team.mongo(returning, 'member', { _id: new ObjectId(inactiveInMongo), is_active: false });
  team.postgres(returning, 'member', { mongo_id: inactiveInMongo });
  team.linked(former, 'member', 'admin');
});

/** Another, smaller team, so that a run can stop between two: the owner lacks admin, a former member holds a role. */
function smallTeam(number: number): SampleCase {
  return sampleCase(number, `small-${number}`, (team) => {
    team.document(`Small ${number}`, owner).member(owner).member(member);
    team.linked(owner, 'owner', 'member').linked(member, 'member').linked(former, 'admin');
  });
}

/** A team that is as it should be in Postgres: nothing there tells whether MongoDB was written. */
const onlyInMongo = sampleCase(80, 'only-in-mongo', (team) => {
  team.document('Only in MongoDB', owner).member(owner);
  team.linked(owner, 'owner', 'member').postgres(owner, 'admin', { mongo_id: team.newRowId() });
});

/** Nothing of this may ever change: other teams, other scopes, history, and values of types that are easily lost. */
const bystanders = sampleCase(90, 'bystanders', (team) => {
  team.document('Bystanders', owner).member(owner).member(former).member(stranger);
  team
    .linked(owner, ...OWNER_ROLES)
    .linked(former, 'member')
    .linked(stranger, 'member');
  const global = team.newRowId();
  team.mongo(owner, 'admin', { _id: new ObjectId(global), scope: 'GLOBAL', team_id: null });
  team.postgres(owner, 'admin', { mongo_id: global, scope: 'GLOBAL', team_id: null });
  team.mongo(former, 'admin', {
    is_active: false,
    created_at: '2023-01-02T03:04:05.678901Z',
    revision: Long.fromString('9007199254740993'),
    weight: Decimal128.fromString('1.10'),
    note: "Robert'); DROP TABLE postgres_user_roles;--",
  });
  team.postgres(former, 'admin', { is_active: false, sync_status: 'FAILED', sync_error: "it's broken" });
});

/** Inactive history beside the rows of the first team, of users whom the plan changes. */
const history = sampleCase(1, 'history', (team) => {
  for (let skipped = 0; skipped < 40; skipped++) team.newRowId();
  team.mongo(former, 'owner', { is_active: false }).postgres(former, 'owner', { is_active: false });
  team.mongo(member, 'admin', { is_active: false }).postgres(member, 'admin', { is_active: false });
});

/** The scenario with the team of all operations and so many small ones, and, if asked for, a last one with changes in MongoDB alone. */
export function scenarioOf(smallTeams: number, more: 'no-more' | 'with-mongo-only' = 'no-more'): Scenario {
  const small = Array.from({ length: smallTeams }, (_, index) => smallTeam(10 + index));
  const broken = [everyOperation, ...small, ...(more === 'with-mongo-only' ? [onlyInMongo] : [])];
  const cases = [...broken, bystanders, history];
  return {
    teams: cases.flatMap((one) => one.teams),
    memberships: cases.flatMap((one) => one.memberships),
    roles: cases.flatMap((one) => one.mongoRoles),
    rows: cases.flatMap((one) => one.postgresRoles),
    broken: broken.map((one) => one.teamId),
  };
}

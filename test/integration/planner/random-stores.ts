import fc from 'fast-check';
import { Double, Long, ObjectId } from 'mongodb';
import type { Policy } from '../../../src/model/policy.js';
import { id, team, user } from '../stores/numbered-ids.js';
import { AS_OF } from './made-plan.js';
import { naiveLinkId, type Stores } from './naive-plan.js';

const ROLES = ['owner', 'admin', 'member', 'viewer'];
const upTo = (n: number) => fc.integer({ min: 0, max: n });
const someUser = fc.oneof(
  { weight: 40, arbitrary: upTo(3).map(user) },
  { weight: 1, arbitrary: fc.constant('nobody') },
);
const someTeam = upTo(2).map(team);
const eitherForm = (arbitrary: fc.Arbitrary<string>) =>
  fc
    .tuple(arbitrary, fc.boolean())
    .map(([text, asObjectId]): string | ObjectId =>
      asObjectId && /^[0-9a-f]{24}$/.test(text) ? ObjectId.createFromHexString(text) : text,
    );
const someTeamOrNone = fc.oneof(
  { weight: 40, arbitrary: eitherForm(someTeam) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'no team', 7) },
);
/** Few enough to meet, and among them ids that would be made for new rows. */
const LINKS = [
  ...Array.from({ length: 12 }, (_, n) => id('f', n)),
  naiveLinkId(AS_OF, team(0), user(0), 'owner'),
  naiveLinkId(AS_OF, team(1), user(1), 'member'),
  naiveLinkId(AS_OF, team(2), user(0), 'admin'),
];
const someRole = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...ROLES) },
  { weight: 1, arbitrary: fc.constantFrom('', 'a\u202eb') },
);
const someScope = fc.constantFrom('TEAM', 'TEAM', 'TEAM', 'TEAM', 'GLOBAL');
const someActivity = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(true, true, true, false) },
  {
    weight: 2,
    arbitrary: fc.constantFrom<unknown>(
      ...['yes', 'true', 1, 2, null, [true], [false]],
      ...[new Double(1), Long.fromNumber(1)],
    ),
  },
);
const mostlyTrue = fc.constantFrom(true, true, true, false);

const someMongoRow = fc.record({
  _id: eitherForm(fc.constantFrom(...LINKS)),
  user_id: eitherForm(someUser),
  team_id: someTeamOrNone,
  role_name: someRole,
  scope: someScope,
  is_active: fc.oneof({ weight: 20, arbitrary: mostlyTrue }, { weight: 1, arbitrary: fc.constant('true') }),
});
const somePostgresRow = fc.record({
  mongo_id: fc.constantFrom(null, 'no link', ...LINKS, ...LINKS),
  user_id: someUser,
  team_id: fc.oneof(
    { weight: 20, arbitrary: someTeam },
    { weight: 1, arbitrary: fc.constantFrom(null, 'no team') },
  ),
  role_name: someRole,
  scope: someScope,
  is_active: mostlyTrue,
});
/** A role as the backend writes it: a row in each store, the one linked to the other, of which anything may be lost. */
const someGrant = fc.record({
  user: upTo(2).map(user),
  team: someTeam,
  role: fc.constantFrom(...ROLES),
  mongo: fc.constantFrom('active', 'inactive', 'absent'),
  postgres: fc.constantFrom('active', 'inactive', 'absent', 'unlinked'),
});
export const someStores: fc.Arbitrary<Stores> = fc
  .record({
    grants: fc.array(someGrant, { minLength: 6, maxLength: 16 }),
    teams: fc.uniqueArray(
      fc.record({
        _id: eitherForm(someTeam),
        created_by: fc.oneof(
          { weight: 15, arbitrary: eitherForm(upTo(3).map(user)) },
          { weight: 1, arbitrary: fc.constantFrom<unknown>(null, 'nobody', 3) },
        ),
        is_deleted: fc.constantFrom<unknown>(false, false, false, true, 'true', 1, new Date(7)),
      }),
      { minLength: 2, maxLength: 5, selector: ({ _id }) => JSON.stringify([_id instanceof ObjectId, _id]) },
    ),
    memberships: fc.array(
      fc.record({ user_id: eitherForm(someUser), team_id: someTeamOrNone, is_active: someActivity }),
      { maxLength: 10 },
    ),
    // One document an id: what two documents with one id come to is for another test.
    mongo: fc.uniqueArray(someMongoRow, { maxLength: 6, selector: ({ _id }) => String(_id) }),
    postgres: fc.uniqueArray(somePostgresRow, {
      maxLength: 6,
      selector: ({ mongo_id, ...row }) =>
        mongo_id ?? JSON.stringify([row.user_id, row.team_id, row.role_name, row.scope]),
    }),
  })
  .map(({ grants, mongo, postgres, memberships, ...stores }) => {
    const granted = grants.map(({ user: user_id, team: team_id, role: role_name, ...copies }, n) => ({
      ...copies,
      link: id('e', n),
      row: { user_id, team_id, role_name, scope: 'TEAM' },
    }));
    const mongoRows = granted
      .filter((grant) => grant.mongo !== 'absent')
      .map((grant) => ({
        _id: ObjectId.createFromHexString(grant.link),
        ...grant.row,
        is_active: grant.mongo === 'active',
      }));
    const postgresRows = granted
      .filter((grant) => grant.postgres !== 'absent')
      .map((grant) => ({
        mongo_id: grant.postgres === 'unlinked' ? null : grant.link,
        ...grant.row,
        is_active: grant.postgres !== 'inactive',
      }));
    // The partial unique index of the table.
    const active = new Set<string>();
    const kept = [...postgresRows, ...postgres].filter((row) => {
      const key = JSON.stringify([row.user_id, row.team_id, row.role_name, row.scope]);
      if (!row.is_active || row.team_id === null) return true;
      if (active.has(key)) return false;
      active.add(key);
      return true;
    });
    return {
      ...stores,
      memberships: memberships.map((row, n) => ({ _id: id('9', n), ...row })),
      mongo: [...mongoRows, ...mongo],
      postgres: kept.map((row, n) => ({ id: n + 1, ...row })),
    };
  });
export const somePolicy: fc.Arbitrary<Policy> = fc.record({
  wanted: fc.record({
    owner: fc.constantFrom(['owner', 'admin', 'member'], ['owner'], []),
    member: fc.constantFrom(['member'], ['member', 'viewer'], []),
  }),
  memberExtras: fc.constantFrom('delete', 'deactivate', 'keep'),
  outsiders: fc.constantFrom('deactivate', 'delete', 'keep'),
  deletedTeams: fc.constantFrom('skip', 'deactivate', 'repair'),
  missingTeams: fc.constantFrom('deactivate', 'skip'),
  ownerWithoutMembership: fc.constantFrom('grant', 'skip'),
  activeValues: fc.constantFrom<Policy['activeValues']>([true], [true, 'yes', 1]),
  exempt: fc.record({
    users: fc.constantFrom([], [], [{ id: user(1), reason: 'a service account' }]),
    teams: fc.constantFrom([], [], [], [{ id: team(1), reason: 'investigated' }]),
  }),
});

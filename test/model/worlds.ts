import fc from 'fast-check';
import { ObjectId } from 'mongodb';
import { DEFAULT_POLICY, type Policy } from '../../src/model/policy.js';
import { expectedNewId } from './rules.js';
import type { MongoDocument, PostgresRow, World } from './world.js';

/** The `asOf` at which plans of random worlds are to be made: some of their rows already hold the new ids of then. */
export const WORLD_AS_OF = Date.UTC(2026, 10, 22, 6, 15, 0, 750);

export const WORLD_TEAMS = [
  '7ea300000000000000000001',
  '7ea300000000000000000002',
  '7ea300000000000000000003',
];
export const WORLD_USERS = [
  '05e500000000000000000001',
  '05e500000000000000000002',
  '05e500000000000000000003',
];
export const ROLES = ['owner', 'admin', 'member', 'viewer'];
export const ROW_IDS = ['a1', 'a2', 'a3', 'b1', 'b2', 'b3'].map((end) => end.padStart(24, '0'));
const LONG_AGO = new Date('2023-05-06T07:08:09.010Z');

export interface WorldOptions {
  /** `present`: the unique indexes of the Postgres table hold, so that the world can be inserted into a real one. */
  readonly postgresIndexes?: 'present' | 'absent';
}

/**
 * Small worlds of two teams and three users, with few row ids, so that links, duplicates and conflicts are common,
 * and with malformed values in every field. Plan them as of `WORLD_AS_OF`.
 */
export function arbitraryWorld(options: WorldOptions = {}): fc.Arbitrary<World> {
  const withinIndexes = options.postgresIndexes === 'absent' ? allOf : withinUniqueIndexes;
  return fc.record({ teams, memberships, copies: fc.array(copies, { maxLength: 12 }) }).map((parts) => ({
    teams: parts.teams,
    memberships: parts.memberships,
    roles: withUniqueIds(parts.copies.flatMap((pair) => pair.document)),
    rows: numbered(withinIndexes(parts.copies.flatMap((pair) => pair.row))),
  }));
}

/** Any valid policy, the default one often. */
export function arbitraryPolicy(): fc.Arbitrary<Policy> {
  const any = fc.record<Policy>({
    wanted: fc.record({
      owner: fc.oneof(fc.constant(DEFAULT_POLICY.wanted.owner), fc.subarray(ROLES)),
      member: fc.oneof(fc.constant(DEFAULT_POLICY.wanted.member), fc.subarray(ROLES)),
    }),
    memberExtras: fc.constantFrom('delete', 'deactivate', 'keep'),
    outsiders: fc.constantFrom('deactivate', 'delete', 'keep'),
    deletedTeams: fc.constantFrom('skip', 'deactivate', 'repair'),
    missingTeams: fc.constantFrom('deactivate', 'skip'),
    ownerWithoutMembership: fc.constantFrom('grant', 'skip'),
    activeValues: fc.constantFrom<Policy['activeValues']>([true], [true, 'true', 1]),
    exempt: fc.record({
      users: fc.constantFrom([], WORLD_USERS.slice(-1).map(exempted)),
      teams: fc.constantFrom([], [], WORLD_TEAMS.slice(-1).map(exempted)),
    }),
  });
  return fc.oneof(fc.constant(DEFAULT_POLICY), any);
}

function exempted(id: string): Policy['exempt']['users'][number] {
  return { id, reason: 'not yet' };
}

/** Picks among `usual` and, once in `one in`, among `odd`. */
function mostly<A, B>(usual: fc.Arbitrary<A>, odd: fc.Arbitrary<B>, oneIn: number): fc.Arbitrary<A | B> {
  return fc.oneof({ weight: oneIn - 1, arbitrary: usual }, { weight: 1, arbitrary: odd });
}

/** An id as it may stand in MongoDB: as string or as ObjectId. */
function eitherForm(id: fc.Arbitrary<string>): fc.Arbitrary<string | ObjectId> {
  return fc.tuple(id, fc.boolean()).map(([text, asObjectId]) => (asObjectId ? new ObjectId(text) : text));
}

/** Malformed ids and roles of any type; `undefined` stands for a field that is absent. */
const MALFORMED_TEXTS = ['', 'nobody', 'ABCDEF000000000000000001', ' 5e500000000000000000001'];
const malformedId = fc.constantFrom<unknown>(...MALFORMED_TEXTS, null, undefined, 7, { $ne: null });
const malformedRole = fc.constantFrom<unknown>(
  '',
  'x'.repeat(51),
  'ad\u202emin',
  '\u0007',
  null,
  undefined,
  5,
);
const almostTrue = fc.constantFrom<unknown>('true', 1, null, undefined);

// One team and one user are crowded, so that a user has several roles, and several oddities, at once.
const teamId = mostly(fc.constantFrom(...WORLD_TEAMS.slice(0, 1)), fc.constantFrom(...WORLD_TEAMS), 3);
const userId = mostly(fc.constantFrom(...WORLD_USERS.slice(0, 1)), fc.constantFrom(...WORLD_USERS), 3);
const role = fc.constantFrom(...ROLES);
const newId = fc
  .tuple(teamId, userId, role)
  .map(([team, user, name]) => expectedNewId(WORLD_AS_OF, team, user, name));
const rowId = mostly(fc.constantFrom(...ROW_IDS), newId, 12);

/** A team has at most one document: `_id` is unique and always an ObjectId there. */
const teams = fc
  .tuple(...WORLD_TEAMS.map((id) => fc.option(teamDocument(id), { freq: 5 })))
  .map((all) => all.filter((team) => team !== null));

function teamDocument(id: string): fc.Arbitrary<MongoDocument> {
  const document = fc.record({
    _id: fc.constant(new ObjectId(id)),
    name: fc.constantFrom<unknown>('Blue', 'R\u202eed', '', null),
    created_by: mostly(eitherForm(userId), malformedId, 12),
    is_deleted: mostly(fc.constantFrom(false, false, false, true), almostTrue, 8),
  });
  return document.map(withoutUndefined);
}

const memberships = fc
  .array(
    fc.record({
      user_id: mostly(eitherForm(userId), malformedId, 40),
      team_id: mostly(eitherForm(teamId), malformedId, 40),
      is_active: mostly(fc.constantFrom(true, true, true, false), almostTrue, 8),
    }),
    { maxLength: 6 },
  )
  .map((all) => all.map((membership, index) => ({ _id: index, ...withoutUndefined(membership) })));

type RowWithoutId = Omit<PostgresRow, 'id'>;

/** What one user's one role has in each store: copies that agree and are linked, but for what is odd about one. */
const copies = fc
  .record({
    link: rowId,
    user: userId,
    team: teamId,
    role,
    inMongo: fc.constantFrom('active', 'active', 'inactive', 'absent'),
    inPostgres: fc.constantFrom('active', 'active', 'inactive', 'absent'),
    rowIsLinked: mostly(fc.constant(true), fc.constant(false), 6),
    forms: fc.record({
      _id: mostly(fc.constant('objectId'), fc.constant('string'), 8),
      user_id: fc.constantFrom('string', 'objectId'),
      team_id: fc.constantFrom('string', 'objectId'),
      created_at: fc.constantFrom('date', 'string'),
    }),
    oddDocument: mostly(fc.constant<MongoDocument>({}), oddDocument(), 4),
    oddRow: mostly(fc.constant<Partial<RowWithoutId>>({}), oddRow(), 4),
  })
  .map((pair) => {
    const form = (id: string, as: string): unknown => (as === 'objectId' ? new ObjectId(id) : id);
    const document: MongoDocument = {
      _id: form(pair.link, pair.forms._id),
      user_id: form(pair.user, pair.forms.user_id),
      role_name: pair.role,
      scope: 'TEAM',
      team_id: form(pair.team, pair.forms.team_id),
      is_active: pair.inMongo === 'active',
      created_at: pair.forms.created_at === 'date' ? LONG_AGO : LONG_AGO.toISOString(),
      created_by: 'system',
      ...pair.oddDocument,
    };
    const row: RowWithoutId = {
      mongo_id: pair.rowIsLinked ? pair.link : null,
      user_id: pair.user,
      role_name: pair.role,
      scope: 'TEAM',
      team_id: pair.team,
      is_active: pair.inPostgres === 'active',
      created_at: LONG_AGO,
      created_by: 'system',
      last_sync_at: LONG_AGO,
      sync_status: 'SYNCED',
      sync_error: null,
      ...pair.oddRow,
    };
    return {
      document: pair.inMongo === 'absent' ? [] : [withoutUndefined(document)],
      row: pair.inPostgres === 'absent' ? [] : [row],
    };
  });

function oddDocument(): fc.Arbitrary<MongoDocument> {
  return fc.oneof(
    // MongoDB makes up an absent `_id`, so it is never that.
    fc.record({ _id: mostly(eitherForm(rowId), fc.constantFrom<unknown>(...MALFORMED_TEXTS, 7), 4) }),
    fc.record({ user_id: mostly(eitherForm(userId), malformedId, 2) }),
    fc.record({ team_id: mostly(eitherForm(teamId), malformedId, 2) }),
    fc.record({ role_name: mostly(role, malformedRole, 2) }),
    fc.record({ scope: fc.constantFrom<unknown>('GLOBAL', 'team', undefined) }),
    fc.record({ is_active: almostTrue }),
  );
}

function oddRow(): fc.Arbitrary<Partial<RowWithoutId>> {
  const malformed = fc.constantFrom(...MALFORMED_TEXTS);
  return fc.oneof(
    fc.record({ mongo_id: mostly(rowId, malformed, 4) }),
    fc.record({ user_id: mostly(userId, malformed, 2) }),
    fc.record({ team_id: mostly(teamId, fc.option(malformed), 2) }),
    fc.record({ role_name: mostly(role, fc.constantFrom('', 'ad\u202emin'), 2) }),
    fc.record({ scope: fc.constantFrom('GLOBAL', 'team') }),
  );
}

/** As the unique index on `_id` demands; the same digits as string and as ObjectId are two ids to MongoDB. */
function withUniqueIds(documents: readonly MongoDocument[]): MongoDocument[] {
  const seen = new Set<string>();
  return documents.filter((document) => {
    const id = document['_id'];
    return isFirst(seen, id instanceof ObjectId ? `ObjectId ${id.toHexString()}` : JSON.stringify(id));
  });
}

/** As the unique constraint on `mongo_id` and `unique_active_user_team_role` demand. Nulls are never equal. */
function withinUniqueIndexes(rows: readonly RowWithoutId[]): readonly RowWithoutId[] {
  const links = new Set<string>();
  const active = new Set<string>();
  return rows.filter((row) => {
    if (row.mongo_id !== null && !isFirst(links, row.mongo_id)) return false;
    if (!row.is_active || row.team_id === null) return true;
    return isFirst(active, JSON.stringify([row.user_id, row.role_name, row.scope, row.team_id]));
  });
}

function allOf(rows: readonly RowWithoutId[]): readonly RowWithoutId[] {
  return rows;
}

/** Serial ids that fall and pass from two digits to one: neither the order of rows nor that of texts is theirs. */
function numbered(rows: readonly RowWithoutId[]): PostgresRow[] {
  return rows.map((row, index) => ({ id: 12 - index, ...row }));
}

function isFirst(seen: Set<string>, key: string): boolean {
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}

function withoutUndefined(document: MongoDocument): MongoDocument {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));
}

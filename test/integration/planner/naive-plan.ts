import { createHash } from 'node:crypto';
import { BSON, Double, Long, ObjectId } from 'mongodb';
import type { Policy } from '../../../src/model/policy.js';

/**
 * The rules once more, written from docs/design.md, "The rules" with whole stores in memory and nothing of the program,
 * so that a mistake in one of the two shows as a difference.
 */
export interface Stores {
  readonly teams: readonly { _id: unknown; created_by: unknown; is_deleted: unknown }[];
  readonly memberships: readonly { _id?: unknown; user_id: unknown; team_id: unknown; is_active: unknown }[];
  readonly mongo: readonly {
    _id: unknown;
    user_id: unknown;
    team_id: unknown;
    role_name: unknown;
    scope: unknown;
    is_active: unknown;
  }[];
  readonly postgres: readonly {
    id: number;
    mongo_id: string | null;
    user_id: string;
    team_id: string | null;
    role_name: string;
    scope: string;
    is_active: boolean;
  }[];
}

/** Lines of text: one a team, a decision, an observed row, a change, a finding or a block. */
export interface NaivePlan {
  readonly decisions: readonly string[];
  readonly findings: readonly string[];
  readonly blocked: readonly string[];
}

const hex = (value: unknown): string | null => {
  const text = value instanceof ObjectId ? value.toHexString() : value;
  return typeof text === 'string' && /^[0-9a-f]{24}$/.test(text) ? text : null;
};
const usableRole = (role: unknown): role is string =>
  typeof role === 'string' && role !== '' && role.length <= 50 && !role.includes('\u202e');
const unique = (lines: readonly (string | null)[]): string[] => [
  ...new Set(lines.filter((line) => line !== null)),
];

/** What cannot be used of an active row or membership: store, row, field and value. */
function oddIn(row: Stores['memberships' | 'mongo' | 'postgres'][number]): string[] {
  const odd: [field: string, value: unknown][] = [];
  if (hex(row.user_id) === null) odd.push(['user_id', row.user_id]);
  if (hex(row.team_id) === null) odd.push(['team_id', row.team_id]);
  if ('_id' in row && 'role_name' in row && hex(row._id) === null) odd.push(['_id', row._id]);
  if ('role_name' in row && !usableRole(row.role_name)) odd.push(['role_name', row.role_name]);
  if ('mongo_id' in row && row.mongo_id !== null && hex(row.mongo_id) === null)
    odd.push(['mongo_id', row.mongo_id]);
  const json = (value: unknown): string =>
    value === undefined ? '(absent)' : BSON.EJSON.stringify(value).replaceAll('\u202e', '\ufffd');
  const id = 'id' in row ? String(row.id) : (hex(row._id) ?? json(row._id));
  return odd.map(([field, value]) => `${'id' in row ? 'postgres' : 'mongo'} ${id} ${field} ${json(value)}`);
}

export function naivePlan(stores: Stores, policy: Policy, asOf: number): NaivePlan {
  const decisions: string[] = [];
  const findings: string[] = [];
  const blocked: string[] = [];
  const mongo = stores.mongo.filter(({ scope, is_active }) => scope === 'TEAM' && is_active === true);
  const postgres = stores.postgres.filter(({ scope, is_active }) => scope === 'TEAM' && is_active);
  const plain = (value: unknown): unknown =>
    value instanceof Double || value instanceof Long ? Number(value) : value;
  const isActive = ({ is_active }: { is_active: unknown }): boolean =>
    policy.activeValues.some((value) => value === plain(is_active));
  const memberships = stores.memberships.filter(isActive);
  const oddOnes = stores.memberships.filter((row) => row.is_active !== false && !isActive(row));
  const held = (row: { _id?: unknown }, field: string, value: unknown): string =>
    `mongo ${hex(row._id)} ${field} ${BSON.EJSON.stringify(plain(value), { relaxed: true })}`;
  type Told = [code: string, team: string | null, user: string | null, odd?: string];
  const found = (...told: Told): void => void findings.push(told.join(' '));
  const block = (...told: Told): void => void blocked.push(told.join(' '));

  for (const row of [...mongo, ...postgres]) {
    if (hex(row.team_id) !== null) continue;
    for (const odd of oddIn(row)) found('malformed-row', null, hex(row.user_id), odd);
  }
  for (const row of memberships) {
    if (hex(row.team_id) !== null) continue;
    for (const odd of oddIn(row)) found('malformed-membership', null, hex(row.user_id), odd);
  }
  for (const row of oddOnes)
    if (hex(row.team_id) === null)
      found('odd-membership', null, hex(row.user_id), held(row, 'is_active', row.is_active));
  const teamIds = unique([
    ...stores.teams.map(({ _id }) => hex(_id)),
    ...[...mongo, ...postgres].map(({ team_id }) => hex(team_id)),
  ]).sort();

  for (const team of teamIds) {
    const documents = stores.teams.filter(({ _id }) => hex(_id) === team);
    const [document] = documents;
    const missing = document === undefined;
    const deleted = !missing && documents.every(({ is_deleted }) => is_deleted === true);
    const owner = documents.length === 1 ? hex(document?.created_by) : null;
    const mongoHere = mongo.filter(({ team_id }) => hex(team_id) === team);
    const postgresHere = postgres.filter(({ team_id }) => hex(team_id) === team);
    const rowsHere = [...mongoHere, ...postgresHere];
    const membersHere = memberships.filter(({ team_id }) => hex(team_id) === team);
    for (const row of rowsHere.filter(({ user_id }) => hex(user_id) === null)) {
      for (const odd of oddIn(row)) found('malformed-row', team, null, odd);
    }
    const holders = unique(rowsHere.map(({ user_id }) => hex(user_id)));
    if (rowsHere.length > 0 && missing) found('missing-team', team, null);
    if (rowsHere.length > 0 && deleted) found('deleted-team-holds-roles', team, null);
    for (const row of documents)
      if (typeof row.is_deleted !== 'boolean')
        found('odd-team-state', team, null, held(row, 'is_deleted', row.is_deleted));
    const leftAlone = policy.exempt.teams.find(({ id }) => id === team);
    if (leftAlone !== undefined) {
      found('exempt', team, null, leftAlone.reason);
      continue;
    }
    if (missing && policy.missingTeams === 'skip') continue;
    if (deleted && policy.deletedTeams === 'skip') continue;
    const byMembership = !missing && !(deleted && policy.deletedTeams === 'deactivate');
    if (byMembership) {
      for (const row of oddOnes)
        if (hex(row.team_id) === team)
          found('odd-membership', team, hex(row.user_id), held(row, 'is_active', row.is_active));
      const illegible = membersHere.filter(({ user_id }) => hex(user_id) === null);
      if (owner === null) block('team-without-owner', team, null);
      for (const odd of illegible.flatMap(oddIn)) block('malformed-membership', team, null, odd);
      if (owner === null || illegible.length > 0) continue;
    }
    const users = unique([
      byMembership ? owner : null,
      ...[...rowsHere, ...membersHere].map(({ user_id }) => hex(user_id)),
    ]).sort();

    for (const user of users) {
      const exempt = policy.exempt.users.find(({ id }) => id === user);
      const foundUnlessExempt = exempt === undefined ? found : () => undefined;
      const member = membersHere.some(({ user_id }) => hex(user_id) === user);
      const standing = !byMembership ? 'outsider' : user === owner ? 'owner' : member ? 'member' : 'outsider';
      const allMongo = mongoHere.filter(({ user_id }) => hex(user_id) === user);
      const allPostgres = postgresHere.filter(({ user_id }) => user_id === user);
      const mine = allMongo
        .flatMap(({ _id, role_name }) => {
          const id = hex(_id);
          return id !== null && usableRole(role_name) ? [{ id, role: role_name }] : [];
        })
        .sort((a, b) => (a.id < b.id ? -1 : 1));
      const mineToo = allPostgres
        .filter(
          ({ mongo_id, role_name }) => (mongo_id === null || hex(mongo_id) !== null) && usableRole(role_name),
        )
        .map(({ id, mongo_id, role_name }) => ({ id, link: mongo_id, role: role_name }))
        .sort((a, b) => a.id - b.id);
      const malformed = [...allMongo, ...allPostgres].flatMap(oddIn);
      const twice = (rows: readonly { role: string }[]): boolean =>
        new Set(rows.map(({ role }) => role)).size < rows.length;
      if (twice(mine) || twice(mineToo)) foundUnlessExempt('duplicate-active-role', team, user);
      const wanted =
        standing === 'owner' ? policy.wanted.owner : standing === 'member' ? policy.wanted.member : [];
      if (standing === 'owner' && !member) foundUnlessExempt('owner-without-membership', team, user);
      if (standing === 'owner' && [...mine, ...mineToo].some(({ role }) => !wanted.includes(role))) {
        foundUnlessExempt('unknown-role', team, user);
      }
      const spared = standing === 'owner' && !member && policy.ownerWithoutMembership === 'skip';

      let conflict = false;
      const changes: string[][] = [];
      const observed = [
        ...mine.map(({ id, role }) => `mongo ${id} ${role} true`),
        ...mineToo.map(({ id, link, role }) => `postgres ${id} ${link} ${role} true`),
      ];
      const holderOf = (link: string) => stores.mongo.filter(({ _id }) => hex(_id) === link);
      const linkedTo = (link: string) => stores.postgres.filter(({ mongo_id }) => mongo_id === link);
      const sameRole = (
        row: { user_id: unknown; team_id: unknown; role_name: unknown; scope: unknown; is_active: unknown },
        role: string,
      ): boolean =>
        row.is_active !== true &&
        hex(row.user_id) === user &&
        hex(row.team_id) === team &&
        row.role_name === role &&
        row.scope === 'TEAM';
      for (const role of spared ? [] : wanted) {
        const rule = `${standing}-wants`;
        const inMongo = mine.find((row) => row.role === role);
        const inPostgres = mineToo.find((row) => row.role === role);
        if (inMongo !== undefined && inPostgres !== undefined) continue;
        if (inMongo !== undefined) {
          const [copy, ...others] = linkedTo(inMongo.id);
          if (copy === undefined) changes.push(['postgres', 'insert', role, inMongo.id, rule]);
          else if (others.length > 0 || !sameRole(copy, role)) conflict = true;
          else {
            changes.push(['postgres', 'reactivate', role, String(copy.id), rule]);
            observed.push(`postgres ${copy.id} ${inMongo.id} ${role} false`);
          }
        } else if (inPostgres !== undefined && inPostgres.link !== null) {
          const [copy, ...others] = holderOf(inPostgres.link);
          if (copy === undefined) changes.push(['mongo', 'insert', role, inPostgres.link, rule]);
          else if (others.length > 0 || !sameRole(copy, role)) conflict = true;
          else {
            changes.push(['mongo', 'reactivate', role, inPostgres.link, rule]);
            observed.push(`mongo ${inPostgres.link} ${role} false`);
          }
        } else {
          const link = naiveLinkId(asOf, team, user, role);
          if (holderOf(link).length + linkedTo(link).length > 0) conflict = true;
          changes.push(['mongo', 'insert', role, link, rule]);
          if (inPostgres === undefined) changes.push(['postgres', 'insert', role, link, rule]);
          else foundUnlessExempt('unlinked-row', team, user);
        }
      }
      const action =
        standing === 'owner' ? 'keep' : standing === 'member' ? policy.memberExtras : policy.outsiders;
      const outsiderRule = missing ? 'missing-team-holds' : deleted ? 'deleted-team-holds' : 'outsider-holds';
      const rule = standing === 'member' ? 'member-extra' : outsiderRule;
      if (action !== 'keep') {
        for (const { id, role } of mine) {
          if (!wanted.includes(role)) changes.push(['mongo', action, role, id, rule]);
        }
        for (const { id, role } of mineToo) {
          if (!wanted.includes(role)) changes.push(['postgres', action, role, String(id), rule]);
        }
      }
      if (exempt !== undefined) {
        if (malformed.length > 0 || conflict || changes.length > 0)
          found('exempt', team, user, exempt.reason);
        continue;
      }
      for (const odd of malformed) block('malformed-row', team, user, odd);
      if (malformed.length > 0) continue;
      if (conflict) block('link-conflict', team, user);
      else if (changes.length > 0) {
        decisions.push(
          [
            `${team} ${missing ? 'missing' : deleted ? 'deleted' : 'live'} ${owner} ${holders.length}`,
            `${user} ${standing} ${member}`,
            ...observed.sort(),
            ...changes.map((change) => change.join(' ')).sort(),
          ].join('\n'),
        );
      }
    }
  }
  return { decisions: decisions.sort(), findings: unique(findings).sort(), blocked: unique(blocked).sort() };
}

/**
 * docs/design.md, "The rules": 4 bytes of `asOf` in seconds + the first 8 bytes of sha256(teamId + NUL + userId + NUL +
 * role).
 */
export function naiveLinkId(asOf: number, team: string, user: string, role: string): string {
  const time = Buffer.alloc(4);
  time.writeUInt32BE(Math.floor(asOf / 1000));
  const hash = createHash('sha256')
    .update(Buffer.from([team, user, role].join('\0')))
    .digest();
  return Buffer.concat([time, hash.subarray(0, 8)]).toString('hex');
}

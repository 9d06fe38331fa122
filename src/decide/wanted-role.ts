import { hash } from 'node:crypto';
import type { DerivedChange, Rule } from '../model/change.js';
import type { Links } from '../model/facts.js';
import type { Store } from '../model/store.js';
import { TEAM_SCOPE, type MongoRoleRow, type PostgresRoleRow, type RowIdentity } from '../model/role-row.js';

/** One wanted role of one user in one team, with the active rows that already hold it. */
export interface WantedRole {
  readonly team: string;
  readonly user: string;
  readonly role: string;
  readonly rule: Rule;
  /** The active Mongo row with the lowest id that holds the role. */
  readonly mongo: MongoRoleRow | undefined;
  /** The active Postgres row with the lowest id that holds the role. */
  readonly postgres: PostgresRoleRow | undefined;
}

/** Where the two copies of a wanted role stand, and so which id links them. */
export type LinkNeed =
  | { readonly kind: 'none' }
  /** A new id that must be free in both stores. */
  | { readonly kind: 'new'; readonly id: string }
  /** Mongo has the role: the Postgres row with this `mongo_id` decides. */
  | { readonly kind: 'postgres-copy'; readonly id: string }
  /** Postgres has the role: the Mongo document with this `_id` decides. */
  | { readonly kind: 'mongo-copy'; readonly id: string }
  /** Postgres has the role without a link: a new id that must be free, for Mongo alone. */
  | { readonly kind: 'unlinked'; readonly id: string };

/** What a wanted role comes to: changes, and the inactive copies they reactivate, or a conflict about the link. */
export type WantedOutcome =
  | {
      readonly kind: 'changes';
      readonly changes: readonly DerivedChange[];
      readonly reactivated: MongoRoleRow | PostgresRoleRow | undefined;
    }
  | { readonly kind: 'link-conflict' };

const CONFLICT: WantedOutcome = { kind: 'link-conflict' };

/** The link table of docs/design.md, "The rules", left side: the id to look up before the role can be decided. */
export function linkNeedOf(wanted: WantedRole, asOf: number): LinkNeed {
  if (wanted.mongo && wanted.postgres) return { kind: 'none' };
  if (wanted.mongo) return { kind: 'postgres-copy', id: wanted.mongo.id };
  const linked = wanted.postgres?.mongoId;
  if (linked) return { kind: 'mongo-copy', id: linked };
  const id = newLinkId(asOf, wanted.team, wanted.user, wanted.role);
  return wanted.postgres ? { kind: 'unlinked', id } : { kind: 'new', id };
}

/** The link table of docs/design.md, "The rules", right side: what follows from what was found under the id. */
export function decideWantedRole(wanted: WantedRole, need: LinkNeed, links: Links): WantedOutcome {
  const { role, rule } = wanted;
  const outcome = (
    changes: readonly DerivedChange[],
    reactivated?: MongoRoleRow | PostgresRoleRow,
  ): WantedOutcome => ({ kind: 'changes', changes, reactivated });
  if (need.kind === 'none') return outcome([]);
  const { id } = need;
  const inMongo = links.mongo(id);
  const inPostgres = links.postgres(id);
  const insert = (store: Store): DerivedChange => ({ op: 'insert', store, role, rule, link: id });
  switch (need.kind) {
    case 'new':
    case 'unlinked':
      if (inMongo !== undefined || inPostgres !== undefined) return CONFLICT;
      return outcome(need.kind === 'new' ? [insert('mongo'), insert('postgres')] : [insert('mongo')]);
    case 'postgres-copy': {
      // Two documents with one id, as ObjectId and as string, cannot both be linked to.
      if (inMongo === 'several' || inPostgres === 'several') return CONFLICT;
      if (inPostgres === undefined) return outcome([insert('postgres')]);
      if (!isInactiveCopy(inPostgres, wanted)) return CONFLICT;
      const change = { op: 'reactivate', store: 'postgres', role, rule, id: inPostgres.id } as const;
      return outcome([change], { id: inPostgres.id, mongoId: id, role, active: false });
    }
    case 'mongo-copy': {
      if (inMongo === 'several' || inPostgres === 'several') return CONFLICT;
      if (inMongo === undefined) return outcome([insert('mongo')]);
      if (!isInactiveCopy(inMongo, wanted)) return CONFLICT;
      const change = { op: 'reactivate', store: 'mongo', role, rule, id: inMongo.id } as const;
      return outcome([change], { id: inMongo.id, role, active: false });
    }
  }
}

/** *Same role* = same user, team, role and scope `TEAM`; only an inactive one can be reactivated. */
function isInactiveCopy(found: RowIdentity, wanted: WantedRole): boolean {
  return (
    !found.active &&
    found.scope === TEAM_SCOPE &&
    found.user === wanted.user &&
    found.team === wanted.team &&
    found.role === wanted.role
  );
}

/**
 * The id of a row that is inserted into both stores: 4 bytes of `asOf` in seconds, then the first 8 bytes of
 * `sha256(team + NUL + user + NUL + role)`; so the same plan is made twice from the same data (docs/design.md, "The
 * rules").
 *
 * @param asOf milliseconds since 1970
 * @returns 24 lower-case hex digits
 */
export function newLinkId(asOf: number, team: string, user: string, role: string): string {
  const seconds = Math.floor(asOf / 1000) >>> 0;
  const digits = hash('sha256', `${team}\0${user}\0${role}`, 'hex');
  return seconds.toString(16).padStart(8, '0') + digits.slice(0, 16);
}

import { createHash } from 'node:crypto';
import { ObjectId } from 'mongodb';
import type { Op, Rule } from '../../src/model/change.js';
import { idOf, readId, type MongoDocument, type PostgresRow, type World } from './world.js';

interface Expected<Store, Row> {
  readonly store: Store;
  readonly op: Op;
  readonly role: string;
  readonly rule: Rule;
  /** Null for an insert. */
  readonly before: Row | null;
  /** Null for a delete. An inserted Postgres row has `id` 0: the database gives it one. */
  readonly after: Row | null;
}

/** One change with the whole row before and after it. */
export type ExpectedChange = Expected<'mongo', MongoDocument> | Expected<'postgres', PostgresRow>;

/** One wanted role of one user in one team, with the user's usable active rows in it, sorted by id. */
export interface RoleTask {
  readonly world: World;
  readonly asOf: number;
  readonly team: string;
  readonly user: string;
  readonly documents: readonly MongoDocument[];
  readonly rows: readonly PostgresRow[];
  readonly role: string;
  readonly rule: Rule;
}

/** What a wanted role comes to by the link table of section 4; `unlinked` is the finding `unlinked-row`. */
export interface RoleOutcome {
  readonly changes: readonly ExpectedChange[] | 'link-conflict';
  readonly unlinked: boolean;
}

/** "4 bytes of `asOf` in seconds + the first 8 bytes of sha256(teamId + NUL + userId + NUL + role)" */
export function expectedNewId(asOf: number, team: string, user: string, role: string): string {
  const id = Buffer.alloc(12);
  id.writeUInt32BE(Math.floor(asOf / 1000), 0);
  createHash('sha256').update(`${team}\0${user}\0${role}`, 'utf8').digest().copy(id, 4, 0, 8);
  return id.toString('hex');
}

/** The table "Mongo has active | Postgres has active | then". */
export function bringRole(task: RoleTask): RoleOutcome {
  const { world, asOf, team, user, role, rule } = task;
  const document = task.documents.find((candidate) => candidate['role_name'] === role);
  const row = task.rows.find((candidate) => candidate.role_name === role);
  const newId = expectedNewId(asOf, team, user, role);
  const newIdTaken = documentsWithId(world, newId).length + rowsWithLink(world, newId).length > 0;

  if (document !== undefined && row !== undefined) return { changes: [], unlinked: false };
  if (document === undefined && row === undefined) {
    const both = [documentInsert(task, newId), rowInsert(task, newId)];
    return { changes: newIdTaken ? 'link-conflict' : both, unlinked: false };
  }
  // Beyond the text: a link that two rows carry at its own end is no link.
  if (document !== undefined && documentsWithId(world, idOf(document)).length > 1)
    return { changes: 'link-conflict', unlinked: false };
  if (
    document === undefined &&
    row !== undefined &&
    row.mongo_id !== null &&
    rowsWithLink(world, row.mongo_id).length > 1
  )
    return { changes: 'link-conflict', unlinked: false };
  if (document !== undefined) {
    const [copy, ...more] = rowsWithLink(world, idOf(document));
    if (copy === undefined) return { changes: [rowInsert(task, idOf(document))], unlinked: false };
    if (more.length > 0 || !isInactiveSameRole(copy, task))
      return { changes: 'link-conflict', unlinked: false };
    const after = { ...copy, is_active: true, last_sync_at: new Date(asOf) };
    const change = { store: 'postgres', op: 'reactivate', role, rule, before: copy, after } as const;
    return { changes: [change], unlinked: false };
  }
  const link = row?.mongo_id ?? null;
  if (link === null) {
    return { changes: newIdTaken ? 'link-conflict' : [documentInsert(task, newId)], unlinked: true };
  }
  const [copy, ...more] = documentsWithId(world, link);
  if (copy === undefined) return { changes: [documentInsert(task, link)], unlinked: false };
  if (more.length > 0 || !isInactiveSameRole(copy, task))
    return { changes: 'link-conflict', unlinked: false };
  const after = { ...copy, is_active: true };
  const change = { store: 'mongo', op: 'reactivate', role, rule, before: copy, after } as const;
  return { changes: [change], unlinked: false };
}

function documentInsert(task: RoleTask, link: string): ExpectedChange {
  const { role, rule } = task;
  const after = { _id: new ObjectId(link), ...insertedParts(task) };
  return { store: 'mongo', op: 'insert', role, rule, before: null, after };
}

function rowInsert(task: RoleTask, link: string): ExpectedChange {
  const { role, rule, asOf } = task;
  const synced = { last_sync_at: new Date(asOf), sync_status: 'SYNCED', sync_error: null };
  const after = { id: 0, mongo_id: link, ...insertedParts(task), ...synced };
  return { store: 'postgres', op: 'insert', role, rule, before: null, after };
}

/** What both copies of a new role have. */
function insertedParts({ user, team, role, asOf }: RoleTask) {
  return {
    user_id: user,
    role_name: role,
    scope: 'TEAM',
    team_id: team,
    is_active: true,
    created_at: new Date(asOf),
    created_by: 'system',
  };
}

/** "*Same role* = same user, team, role and scope `TEAM`" */
function isInactiveSameRole(row: MongoDocument | PostgresRow, task: RoleTask): boolean {
  return (
    row['is_active'] !== true &&
    row['scope'] === 'TEAM' &&
    readId(row['user_id']) === task.user &&
    readId(row['team_id']) === task.team &&
    row['role_name'] === task.role
  );
}

function documentsWithId(world: World, id: string): readonly MongoDocument[] {
  return world.roles.filter((document) => readId(document['_id']) === id);
}

function rowsWithLink(world: World, link: string): readonly PostgresRow[] {
  return world.rows.filter((row) => row.mongo_id === link);
}

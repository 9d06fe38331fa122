import type { Op } from '../../model/change.js';
import type { MissingPrivilege } from '../missing-privilege.js';
import { missingPrivileges, privilegeNames, roleStatements } from './grants.js';
import type { MongoIdentity } from './privileges.js';

const ACTIONS: Readonly<Record<Op, string>> = {
  insert: 'insert',
  deactivate: 'update',
  reactivate: 'update',
  delete: 'remove',
};

/**
 * What of just these writes the user may not do. Where the server does not ask who connects, or does not tell what a
 * user may do, nothing is known to be missing; nor where its list lacks what was just done, for then it is not complete.
 *
 * @param identity as the server tells it; the roles have been read under it
 */
export function missingMongoPrivileges(
  identity: MongoIdentity,
  database: string,
  collection: string,
  ops: ReadonlySet<Op>,
): MissingPrivilege[] {
  if (identity.kind !== 'user') return [];
  const resource = { db: database, collection };
  const held = (actions: readonly string[]) => missingPrivileges([{ resource, actions }], identity.grants);
  if (held(['find']).length > 0) return [];
  const missing = held([...new Set([...ops].map((op) => ACTIONS[op]))].sort());
  return missing.map((privilege) => ({
    name: privilegeNames([privilege]),
    grant: roleStatements('apply', database, missing, identity).join('\n'),
  }));
}

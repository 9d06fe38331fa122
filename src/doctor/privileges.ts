import { missingFor, neededPrivileges, notGranted, type MongoIdentity } from '../stores/mongo/privileges.js';
import { neededToRead, neededToWrite, type PostgresRights } from '../stores/postgres/privileges.js';
import type { CheckResult } from '../model/doctor-check.js';
import type { Mapping } from '../model/mapping.js';
import { failure, notMade, verdict, warning } from './verdict.js';

/** @param purpose `apply`: only what it needs besides the privileges of `plan` */
export function judgePostgresPrivileges(
  rights: PostgresRights | null,
  mapping: Mapping,
  purpose: 'plan' | 'apply',
): CheckResult {
  if (rights === null) return notMade('the table was not found');
  const needed = purpose === 'plan' ? neededToRead(rights, mapping) : neededToWrite(rights, mapping, 'all');
  const held = needed.filter((one) => one.held).map(({ name }) => name);
  const problems = needed.flatMap(({ name, grants, held }) =>
    held ? [] : [failure(`missing: ${name}`, 'Have an owner or administrator run this.', grants)],
  );
  return verdict(held.length === 0 ? '' : `held: ${held.join(', ')}`, problems);
}

/** @param access tells a server without authentication from one that we did not log in to */
export function judgeMongoPrivileges(
  identity: MongoIdentity,
  access: 'allowed' | 'denied' | 'unknown',
  database: string,
  mapping: Mapping,
  purpose: 'plan' | 'apply',
): CheckResult {
  switch (identity.kind) {
    case 'nobody':
      if (access === 'unknown') return notMade('not authenticated, and nothing could be read');
      if (access === 'denied')
        return verdict('not authenticated', [
          failure('the server wants to know who connects', 'Put user name and password into MONGODB_URI.'),
        ]);
      // The check of plan's privileges has already said more.
      if (purpose === 'apply') return verdict('authentication is off');
      return verdict('authentication is off: everybody who reaches the server may do everything', [
        warning(
          'the server does not ask who connects, so there is nothing to check',
          'Turn on authentication, unless this is a throw-away database.',
        ),
      ]);
    case 'untold':
      return notMade(`the server knows the user ${identity.user}, and does not tell what the user may do`);
    case 'user': {
      const missing = notGranted(neededPrivileges(database, mapping, purpose), identity.grants);
      const held = `user ${identity.user} of ${identity.database}`;
      if (missing.length === 0) return verdict(`${held} may do all that ${purpose} does`);
      const { name, grants } = missingFor(purpose, database, missing, identity);
      const existing =
        grants.length > 1 ? ' Where the role exists already, add to it with grantPrivilegesToRole.' : '';
      return verdict(held, [
        failure(`missing: ${name}`, `Have a user administrator run this.${existing}`, grants),
      ]);
    }
  }
}

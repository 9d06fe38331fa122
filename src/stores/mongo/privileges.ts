import { z } from 'zod';
import type { MongoConnection } from './connection.js';

const resourceSchema = z.looseObject({
  db: z.string().optional(),
  collection: z.string().optional(),
  anyResource: z.boolean().optional(),
  cluster: z.boolean().optional(),
});
const privilegeSchema = z.looseObject({ resource: resourceSchema, actions: z.array(z.string()) });
const statusSchema = z.looseObject({
  authInfo: z.looseObject({
    authenticatedUsers: z.array(z.looseObject({ user: z.string(), db: z.string() })),
    authenticatedUserRoles: z.array(z.looseObject({ role: z.string(), db: z.string() })).optional(),
    authenticatedUserPrivileges: z.array(privilegeSchema).optional(),
  }),
});

/** What may be done (`find`, `insert`, …), and to what; the server lists those of inherited roles as well. */
export type MongoGrant = z.infer<typeof privilegeSchema>;

/** A user of MongoDB, and the database that knows the user. */
export interface MongoUser {
  readonly user: string;
  readonly database: string;
  /** Those inherited through other roles too. */
  readonly roles: readonly { readonly role: string; readonly db: string }[];
}

/** Who the server takes us for. `nobody`: it does not ask, or we did not say. */
export type MongoIdentity =
  | { readonly kind: 'nobody' }
  | (MongoUser & { readonly kind: 'user'; readonly grants: readonly MongoGrant[] })
  /** The server tells the user, but not the privileges. */
  | { readonly kind: 'untold'; readonly user: string };

export async function askMongoIdentity({ client }: MongoConnection): Promise<MongoIdentity> {
  return mongoIdentity(await client.db('admin').command({ connectionStatus: 1, showPrivileges: true }));
}

/**
 * Reads the reply to `connectionStatus`.
 *
 * @throws ZodError where it is of another shape
 */
export function mongoIdentity(reply: unknown): MongoIdentity {
  const { authInfo } = statusSchema.parse(reply);
  const [user] = authInfo.authenticatedUsers;
  if (user === undefined) return { kind: 'nobody' };
  const grants = authInfo.authenticatedUserPrivileges;
  return grants === undefined
    ? { kind: 'untold', user: user.user }
    : {
        kind: 'user',
        user: user.user,
        database: user.db,
        roles: authInfo.authenticatedUserRoles ?? [],
        grants,
      };
}

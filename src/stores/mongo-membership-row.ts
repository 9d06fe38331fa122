import type { Mapping } from '../team/mapping.js';
import { BsonFields } from './bson-fields.js';

/** A membership as it was read; each part is null where it is absent or malformed. */
export interface StoredMembership {
  readonly team: string | null;
  readonly user: string | null;
  readonly active: boolean;
}

/** A parser of memberships under this mapping. */
export function membershipRowParser(mapping: Mapping): (bytes: Buffer) => StoredMembership {
  const { user, team, active } = mapping.mongo.memberships;
  const fields = new BsonFields([team, user, active], mapping.ids);
  return (bytes) => {
    const values = fields.in(bytes);
    return { team: values.id(0), user: values.id(1), active: values.isTrue(2) };
  };
}

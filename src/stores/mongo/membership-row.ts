import type { Mapping } from '../../model/mapping.js';
import { BsonFields } from './bson-fields.js';
import { fitting, type IdWidths } from '../id-widths.js';

/** A membership as it was read; each part is null where it is absent or malformed. */
export interface StoredMembership {
  readonly team: string | null;
  readonly user: string | null;
  readonly active: boolean;
}

/** A parser of memberships under this mapping. */
export function membershipRowParser(mapping: Mapping, widths: IdWidths): (bytes: Buffer) => StoredMembership {
  const { user, team, active } = mapping.mongo.memberships;
  const fields = new BsonFields([team, user, active], mapping.ids);
  return (bytes) => {
    const values = fields.in(bytes);
    return {
      team: fitting(values.id(0), widths.team),
      user: fitting(values.id(1), widths.user),
      active: values.isTrue(2),
    };
  };
}

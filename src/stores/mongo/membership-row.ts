import type { OddField } from '../../model/finding.js';
import type { Mapping } from '../../model/mapping.js';
import { BsonFields } from './bson-fields.js';
import { fitting, type IdWidths } from '../id-widths.js';

/** A membership as it was read. A part is null if it is absent or malformed. */
export interface StoredMembership {
  readonly team: string | null;
  readonly user: string | null;
  readonly active: boolean;
  readonly malformed: readonly OddField[];
}

/** The parser must know the widths of the Postgres id columns: a longer id is malformed. */
export function membershipRowParser(mapping: Mapping, widths: IdWidths): (bytes: Buffer) => StoredMembership {
  const { user, team, active } = mapping.mongo.memberships;
  const fields = new BsonFields([team, user, active, '_id'], mapping.ids);
  return (bytes) => {
    const values = fields.in(bytes);
    const whose = { team: fitting(values.id(0), widths.team), user: fitting(values.id(1), widths.user) };
    return {
      ...whose,
      active: values.isTrue(2),
      malformed: values.malformed(3, [whose.team, whose.user]),
    };
  };
}

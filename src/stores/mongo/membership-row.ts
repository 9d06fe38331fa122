import type { OddField } from '../../model/finding.js';
import type { IdWidths } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { countsAsActive, type Policy } from '../../model/policy.js';
import { BsonFields } from './bson-fields.js';

/** A membership as it was read. A part is null if it is absent or malformed. */
export interface StoredMembership {
  readonly team: string | null;
  readonly user: string | null;
  readonly active: boolean;
  /** What its activity is, where that is neither `false` nor counts as active. */
  readonly odd: OddField | null;
  /** What cannot be used of the team and user of an active one. */
  readonly malformed: readonly OddField[];
}

const NONE: readonly OddField[] = [];

/** A parser of memberships under this mapping. */
export function membershipRowParser(
  mapping: Mapping,
  widths: IdWidths,
  activeValues: Policy['activeValues'],
): (bytes: Buffer) => StoredMembership {
  const { user, team, active } = mapping.mongo.memberships;
  const fields = new BsonFields([team, user, active, '_id'], mapping.ids);
  return (bytes) => {
    const values = fields.in(bytes);
    const whose = { team: values.id(0, widths.team), user: values.id(1, widths.user) };
    const activity = values.plain(2);
    const isActive = countsAsActive(activity, activeValues);
    return {
      ...whose,
      active: isActive,
      odd: isActive || activity === false ? null : values.odd(3, 2),
      malformed: isActive ? values.malformed(3, [whose.team, whose.user]) : NONE,
    };
  };
}

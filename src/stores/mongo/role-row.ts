import type { OddField } from '../../model/finding.js';
import type { IdWidths } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { isRoleName } from '../../model/policy.js';
import type { RowIdentity } from '../../model/role-row.js';
import { BsonFields } from './bson-fields.js';

/** A role document as it was read. A part is null if it is absent or malformed. */
export interface StoredMongoRow extends RowIdentity {
  readonly id: string | null;
  readonly malformed: readonly OddField[];
  readonly bytes: Buffer;
}

/** The parser must know the widths of the Postgres id columns: a longer id is malformed. */
export function mongoRoleRowParser(mapping: Mapping, widths: IdWidths): (bytes: Buffer) => StoredMongoRow {
  const { user, team, role, scope, active } = mapping.mongo.roles;
  const fields = new BsonFields(['_id', user, team, role, scope, active], mapping.ids);
  return (bytes) => {
    const values = fields.in(bytes);
    const name = values.text(3);
    const id = values.id(0, widths.link);
    const whose = { user: values.id(1, widths.user), team: values.id(2, widths.team) };
    const held = name !== null && isRoleName(name) ? name : null;
    return {
      id,
      ...whose,
      role: held,
      scope: values.text(4),
      active: values.isTrue(5),
      malformed: values.malformed(0, [id, whose.user, whose.team, held]),
      bytes,
    };
  };
}

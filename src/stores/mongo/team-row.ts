import type { OddField } from '../../model/finding.js';
import type { IdWidths } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { shownText } from '../../model/text.js';
import { BsonFields } from './bson-fields.js';

/** The parts of a team document that decisions depend on. `team` is its `_id`, null if illegible. */
export interface StoredTeam {
  readonly team: string | null;
  readonly name: string | null;
  readonly createdBy: string | null;
  readonly deleted: boolean;
  /** What it holds where it should say whether it is deleted, if that is there and no boolean. */
  readonly odd: OddField | null;
}

/** The parser must know the widths of the Postgres id columns: a longer id is malformed. */
export function teamRowParser(mapping: Mapping, widths: IdWidths): (bytes: Buffer) => StoredTeam {
  const { name, createdBy, isDeleted } = mapping.mongo.teams;
  const fields = new BsonFields(['_id', name, createdBy, isDeleted], mapping.ids);
  return (bytes) => {
    const values = fields.in(bytes);
    const text = values.text(1);
    return {
      team: values.id(0, widths.team),
      name: text === null ? null : shownText(text),
      createdBy: values.id(2, widths.user),
      deleted: values.isTrue(3),
      odd: values.isAbsent(3) || typeof values.plain(3) === 'boolean' ? null : values.odd(0, 3),
    };
  };
}

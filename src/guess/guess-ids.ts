import type { Mapping } from '../model/mapping.js';
import type { FieldShape, ValueKind } from '../model/shape.js';

type Fields = readonly (FieldShape | undefined)[];

/** What an id is: plain strings where most of the ids in these fields are, else 24 hex digits. */
export function guessIds(fields: Fields): Mapping['ids'] {
  return count(fields, 'text') > count(fields, 'objectId') + count(fields, 'hexId') ? 'string' : 'hex';
}

/** How most role documents hold the ids of users and teams. */
export function guessWrittenIds(fields: Fields): Mapping['mongo']['writeIdsAs'] {
  return count(fields, 'objectId') > count(fields, 'hexId') + count(fields, 'text') ? 'objectId' : 'string';
}

function count(fields: Fields, kind: ValueKind): number {
  // A column that holds nothing is of the type text, whatever will be in it.
  const filled = fields.filter((field) => kind !== 'text' || (field?.examples.length ?? 0) > 0);
  return filled.reduce((sum, field) => sum + (field?.kinds[kind] ?? 0), 0);
}

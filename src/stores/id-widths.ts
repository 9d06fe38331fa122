import { ID_MAX_LENGTH } from '../model/id.js';

/**
 * How many characters the id columns of the Postgres table hold. An id that fits into one store alone could never be
 * copied, so in both it is malformed (docs/design.md, "The data").
 */
export interface IdWidths {
  readonly user: number;
  readonly team: number;
  /** `mongo_id`, the `_id` of the Mongo copy. */
  readonly link: number;
}

/** The id where the column can hold it, else null. */
export function fitting(id: string | null, width: number): string | null {
  return id !== null && id.length <= width ? id : null;
}

/** The width of a column of a limited length; null: of any. */
export function idWidth(length: number | null): number {
  return Math.min(length ?? ID_MAX_LENGTH, ID_MAX_LENGTH);
}

import { ID_MAX_LENGTH } from '../model/id.js';

/** The widths of Postgres' id columns. An id that fits one store only is malformed (docs/design.md, "The data"). */
export interface IdWidths {
  readonly user: number;
  readonly team: number;
  readonly link: number;
}

/** The width of a column; a null length is unlimited. */
export function idWidth(length: number | null): number {
  return Math.min(length ?? ID_MAX_LENGTH, ID_MAX_LENGTH);
}

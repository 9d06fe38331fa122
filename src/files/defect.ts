import { withoutHostileCharacters } from '../model/text.js';

const SHOWN = 160;

/** What is wrong with a plan. The reader adds the line and makes it a `Failure`. */
export class Defect extends Error {
  readonly field: string;
  readonly reason: string;
  readonly line: number | undefined;

  /**
   * @param field such as `changes[0].role`; empty where the whole line is wrong
   * @param reason follows the field: "is not sorted". It may quote the file
   * @param line counted from 0, where several lines were read together
   */
  constructor(field: string, reason: string, line?: number) {
    super(`${field} ${reason}`);
    this.name = 'Defect';
    this.field = shown(field);
    this.reason = shown(reason);
    this.line = line;
  }

  /** The same defect, seen from the field that holds the one that is wrong. */
  within(field: string): Defect {
    return new Defect(this.field === '' ? field : `${field}.${this.field}`, this.reason);
  }
}

/** The text of a file may be hostile, and long. */
function shown(text: string): string {
  const safe = withoutHostileCharacters(text);
  return safe.length > SHOWN ? `${safe.slice(0, SHOWN)}…` : safe;
}

/** A path into a value as a field: `changes[0].role`. */
export function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (field, key) =>
      typeof key === 'number' ? `${field}[${key}]` : field === '' ? String(key) : `${field}.${String(key)}`,
    '',
  );
}

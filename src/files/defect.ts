import { withoutHostileCharacters } from '../model/text.js';

const SHOWN = 160;

/** What is wrong with a plan; the reader adds on which line and makes it a `Failure`. */
export class Defect extends Error {
  readonly field: string;
  readonly reason: string;
  /** Which of several lines, counted from 0, where they were read together. */
  readonly line: number | undefined;

  /**
   * @param field where: `changes[0].role`, or empty where it is the line itself
   * @param reason what, so that it can follow the field: "is not sorted". May quote from the file
   * @param line which of several lines, counted from 0, where they were read together
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

/** Text of a file that may be hostile, safe to show and not too long. */
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

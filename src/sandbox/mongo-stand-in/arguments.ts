import { type Doc, isDoc } from './documents.js';
import { CommandError } from './errors.js';

/** The fields of a command or statement, read with a check of their types. */
export class Arguments {
  readonly context: string;
  readonly fields: Doc;

  constructor(context: string, fields: Doc) {
    this.context = context;
    this.fields = fields;
  }

  #wrongType(name: string, expected: string): CommandError {
    return new CommandError(
      14,
      `BSON field '${this.context}.${name}' is the wrong type, expected type '${expected}'`,
    );
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined && this.fields[name] !== null;
  }

  string(name: string): string {
    const value = this.fields[name];
    if (typeof value !== 'string') throw this.#wrongType(name, 'string');
    return value;
  }

  /** A whole number; int, long and double are taken alike, as servers do. */
  integer(name: string, otherwise: number): number {
    if (!this.has(name)) return otherwise;
    const value = this.fields[name];
    if (typeof value !== 'number') throw this.#wrongType(name, 'long');
    return Math.trunc(value);
  }

  boolean(name: string, otherwise: boolean): boolean {
    if (!this.has(name)) return otherwise;
    const value = this.fields[name];
    if (typeof value === 'boolean') return value;
    if (typeof value === 'number') return value !== 0;
    throw this.#wrongType(name, 'bool');
  }

  document(name: string): Doc {
    if (!this.has(name)) return {};
    const value = this.fields[name];
    if (!isDoc(value)) throw this.#wrongType(name, 'object');
    return value;
  }

  list(name: string): readonly unknown[] {
    const value = this.fields[name];
    if (!Array.isArray(value)) throw this.#wrongType(name, 'array');
    return value;
  }

  documents(name: string): Doc[] {
    return this.list(name).map((item) => {
      if (!isDoc(item)) throw this.#wrongType(name, 'object');
      return item;
    });
  }

  /** Refuses fields that are not handled: ignoring one could make the answer wrong. */
  allowOnly(known: readonly string[]): void {
    for (const name of Object.keys(this.fields)) {
      if (known.includes(name)) continue;
      const unsupported = [
        'collation',
        'arrayFilters',
        'let',
        'min',
        'max',
        'tailable',
        'returnKey',
        'showRecordId',
      ];
      throw unsupported.includes(name)
        ? new CommandError(238, `the fix-roles stand-in does not implement '${this.context}.${name}'`)
        : new CommandError(40415, `BSON field '${this.context}.${name}' is an unknown field.`);
    }
  }
}

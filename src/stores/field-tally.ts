import { isHexId } from '../model/id.js';
import type { FieldShape, ValueKind } from '../model/shape.js';

/** How many different texts are kept of a field, and how long they may be. */
const EXAMPLES = 20;
const EXAMPLE_LENGTH = 60;
const ISO_TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}/;

/** Counts what the values of fields look like, in the order in which the fields are first met. */
export class FieldTally {
  readonly #fields = new Map<string, { kinds: Partial<Record<ValueKind, number>>; examples: Set<string> }>();

  /** @param text the value, where it is a text */
  add(name: string, kind: ValueKind, text: string | null = null): void {
    const field = this.#fields.get(name) ?? { kinds: {}, examples: new Set<string>() };
    this.#fields.set(name, field);
    field.kinds[kind] = (field.kinds[kind] ?? 0) + 1;
    if (text !== null && text.length <= EXAMPLE_LENGTH && field.examples.size < EXAMPLES)
      field.examples.add(text);
  }

  addText(name: string, text: string): void {
    this.add(name, isHexId(text) ? 'hexId' : ISO_TIME.test(text) ? 'time' : 'text', text);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  shapes(): FieldShape[] {
    return [...this.#fields].map(([name, { kinds, examples }]) => ({ name, kinds, examples: [...examples] }));
  }
}

import type { Worst } from '../../../model/danger.js';

/** Keeps the worst few of any number. */
export class WorstFew<Danger> {
  readonly #order: (a: Danger, b: Danger) => number;
  readonly #keep: number;
  #count = 0;
  #first: Danger[] = [];

  /** @param order the worse one first; no two are equal */
  constructor(order: (a: Danger, b: Danger) => number, keep: number) {
    this.#order = order;
    this.#keep = keep;
  }

  add(danger: Danger): void {
    this.#count += 1;
    const last = this.#first[this.#keep - 1];
    if (last !== undefined && this.#order(last, danger) < 0) return;
    this.#first = [...this.#first, danger].sort(this.#order).slice(0, this.#keep);
  }

  found<Shown>(shown: (danger: Danger) => Shown): Worst<Shown> {
    return { count: this.#count, first: this.#first.map(shown) };
  }
}

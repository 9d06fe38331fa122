/** The bytes that are still free in a text of limited size. */
export class Space {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /**
   * Takes the room for a text in UTF-8, if there is enough. After the first text that does not fit, none does: what is
   * listed is then the beginning, without gaps, and never the less important in place of the more important.
   */
  take(text: string): 'fits' | 'full' {
    this.#left = Math.max(-1, this.#left - Buffer.byteLength(text));
    return this.#left < 0 ? 'full' : 'fits';
  }
}

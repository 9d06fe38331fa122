import { Failure } from '../model/failure.js';
import { withoutHostileCharacters } from '../model/text.js';

/** One mistake in the configuration. No part may hold a value that could be a credential. */
export interface Complaint {
  /** The variable, or the file with line and path: "POSTGRES_PORT", "fix-roles.config.json:4: policy.outsiders". */
  readonly where: string;
  /** What is wrong, and what was probably meant. */
  readonly problem: string;
}

/** Gathers all mistakes, so that nobody has to run a command once for each. */
export class Complaints {
  readonly #all: Complaint[] = [];
  readonly #advice = new Set<string>();
  readonly #example: string;

  /** @param example the file that explains every variable, as the reader finds it */
  constructor(example = 'config.env.example') {
    this.#example = example;
  }

  add(where: string, problem: string): void {
    this.#all.push({ where: withoutHostileCharacters(where), problem: withoutHostileCharacters(problem) });
  }

  /** A sentence that helps with what is wrong; empty: none. */
  advise(sentence: string): void {
    if (sentence !== '') this.#advice.add(`${withoutHostileCharacters(sentence)} `);
  }

  /** @throws Failure (operational) where there is any complaint */
  throwIfAny(): void {
    if (this.#all.length === 0) return;
    const lines = this.#all.map(({ where, problem }) => `\n- ${where}: ${problem}`);
    const count = lines.length === 1 ? 'one value is' : `${lines.length} values are`;
    throw new Failure('operational', {
      doing: 'reading the configuration',
      problem: `${count} missing or wrong${lines.join('')}`,
      next: `${[...this.#advice].join('')}Correct this and run the command again; ${this.#example} explains every variable. Nothing was opened.`,
    });
  }
}

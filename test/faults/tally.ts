import type { CaseResult } from './case-result.js';
import type { Engine } from './engine.js';
import type { Violation } from './evidence.js';

/** Counts what the suite found, and says it. */
export class Tally {
  readonly #say: (text: string) => void;
  #passed = 0;
  #failed = 0;
  #engine = '';
  readonly #times: string[] = [];

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  get passed(): number {
    return this.#passed;
  }

  get failed(): number {
    return this.#failed;
  }

  beginEngine({ name, transactions }: Engine): void {
    this.#engine = name;
    this.#say(`\n${name}\n`);
    if (transactions === 'missing') {
      this.#say(
        '  Without transactions less is promised: every row is wholly before or after its change, Postgres is never ahead of\n' +
          '  a whole team in MongoDB, and what a killed run leaves half done in MongoDB is named and finished by the next one.\n',
      );
    }
  }

  /**
   * Every case that failed is named, with all that is wrong with it.
   *
   * @param tookMs milliseconds for all of them
   */
  add(section: string, results: readonly CaseResult[], tookMs: number): void {
    const failed = results.filter(({ violations }) => violations.length > 0);
    this.#passed += results.length - failed.length;
    this.#failed += failed.length;
    for (const { name, violations } of failed) {
      this.#say(`  FAILED ${name}\n`);
      for (const { kind, text } of violations) this.#say(`    ${kind}: ${text}\n`);
    }
    const count = (kind: Violation['kind']): number =>
      results.flatMap(({ violations }) => violations).filter((violation) => violation.kind === kind).length;
    this.#say(
      `  ${section}: ${results.length - failed.length} of ${results.length}; ` +
        `rows lost: ${count('lost')}, doubled: ${count('doubled')}, outside the plan: ${count('outside')}\n`,
    );
    const [seconds, cases] = [(tookMs / 1000).toFixed(1), results.length].map((n) => String(n).padStart(6));
    this.#times.push(`${seconds} s ${cases} cases  ${this.#engine}: ${section}\n`);
  }

  /** Where the time went, and the sum of all. */
  end(): void {
    this.#say(`\n${this.#times.join('')}`);
    this.#say(`\n${this.#passed} passed, ${this.#failed} failed\n`);
  }
}

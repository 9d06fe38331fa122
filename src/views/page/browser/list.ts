import { decisionRow, fill, teamHead } from './facts.js';
import { element, known, numeral } from './elements.js';
import type { Found } from './find.js';

/** Rows on one page of the list, so that it stays quick. */
const PAGE = 100;

/** So many rows are printed with all that is in them; of more only what was done to whom. */
const PRINTED_WHOLE = 1000;

/** What the focus moves by, with the rows that it stops at. */
const ROWS = { row: 'summary', team: '.team-head + details > summary' };
type Unit = keyof typeof ROWS;

/** The list of what was found, a page at a time. */
export class FoundList {
  readonly #list = known('list', HTMLElement);
  readonly #place = known('place', HTMLElement);
  readonly #previous = known('previous', HTMLButtonElement);
  readonly #next = known('next', HTMLButtonElement);
  #found: readonly Found[] = [];
  #page = 0;

  constructor() {
    this.#previous.addEventListener('click', () => {
      this.#turn(-1, 'first');
    });
    this.#next.addEventListener('click', () => {
      this.#turn(1, 'first');
    });
  }

  show(found: readonly Found[]): void {
    this.#found = found;
    this.#page = 0;
    this.render();
  }

  render(): void {
    const last = Math.max(0, Math.ceil(this.#found.length / PAGE) - 1);
    this.#page = Math.min(Math.max(0, this.#page), last);
    this.#fill(this.#found.slice(this.#page * PAGE, (this.#page + 1) * PAGE));
    this.#previous.disabled = this.#page === 0;
    this.#next.disabled = this.#page === last;
    this.#place.textContent = `Page ${numeral(this.#page + 1)} of ${numeral(last + 1)}`;
  }

  /** Every page at once, as it is printed: open. */
  renderWhole(): void {
    const rows = this.#fill(this.#found);
    if (rows.length > PRINTED_WHOLE) {
      const note = `Rows and reasons are printed for up to ${numeral(PRINTED_WHOLE)} users: filter, and print again.`;
      this.#list.prepend(element('p', '', note));
      return;
    }
    rows.forEach(([row, found]) => {
      fill(row, found);
      row.open = true;
    });
  }

  #fill(found: readonly Found[]): (readonly [HTMLDetailsElement, Found])[] {
    const rows = found.map((one) => [decisionRow(one), one] as const);
    this.#list.replaceChildren(
      ...rows.flatMap(([row, { decision }], at) =>
        found[at - 1]?.decision.team === decision.team ? [row] : [teamHead(decision.team), row],
      ),
    );
    return rows;
  }

  /**
   * Moves the focus from where it is in the list to the row or the team beside, over the end of a page too.
   *
   * @returns `left` where that leads up out of the list
   */
  move(step: -1 | 1, unit: Unit): 'moved' | 'left' {
    const rows = this.#rows(unit);
    const focused = document.activeElement;
    const at = rows.findLastIndex((row) => row === focused || isBefore(row, focused));
    // Up from the middle of a team leads to its beginning.
    const target = rows[step < 0 && rows[at] !== focused ? at : at + step];
    if (target !== undefined) target.focus();
    else if (step < 0 && this.#page === 0) return 'left';
    else this.#turn(step, step < 0 ? 'last' : 'first', unit);
    return 'moved';
  }

  #turn(step: -1 | 1, focus: 'first' | 'last', unit: Unit = 'row'): void {
    const before = this.#page;
    this.#page += step;
    this.render();
    if (this.#page === before) return;
    const target = this.#rows(unit).at(focus === 'last' ? -1 : 0);
    target?.focus();
    target?.scrollIntoView({ block: 'center' });
  }

  #rows(unit: Unit): HTMLElement[] {
    return [...this.#list.querySelectorAll<HTMLElement>(ROWS[unit])];
  }
}

function isBefore(row: Node, other: Node | null): boolean {
  return other !== null && (row.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
}

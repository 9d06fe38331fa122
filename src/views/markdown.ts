import { Failure } from '../model/failure.js';
import { numeral } from './quantity.js';
import { markdownCode } from './safe-text.js';

/** A pull-request comment holds this much, and a line around it. */
export const DEFAULT_MAX_BYTES = 60_000;

/** GitHub refuses 65,536 characters. A text has at least as many bytes in UTF-8, so bytes are the limit. */
const MOST_BYTES = 65_535;

/**
 * The bytes that are left for lists.
 *
 * @param frame all that stands around them
 * @throws Failure (usage) where there is not even room for that
 */
export function roomBeside(frame: string, what: 'plan' | 'receipt', maxBytes: number): number {
  const room = Math.min(maxBytes, MOST_BYTES) - Buffer.byteLength(frame);
  if (room >= 0) return room;
  throw new Failure('usage', {
    doing: `rendering the ${what} as Markdown`,
    problem: `what must be in it does not fit into ${numeral(maxBytes)} bytes`,
    next: `Allow at least --max-bytes ${Buffer.byteLength(frame)}, or use --format text.`,
  });
}

/** The bytes that are still free for one list or several. */
export class Space {
  #left: number;
  #open = true;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /**
   * Takes room for the text, if there is any. After the first text that does not fit none does, so that a list is its
   * beginning without gaps, and never holds the less important in place of the more important.
   */
  takes(text: string): boolean {
    const bytes = Buffer.byteLength(text);
    if (bytes > this.#left) this.#open = false;
    if (this.#open) this.#left -= bytes;
    return this.#open;
  }
}

/** What a list would take, in bytes, and how its share compares to those of others. */
export interface Claim {
  readonly bytes: number;
  readonly weight: number;
}

/** Divides room among claims: each gets what it claims, or its share of what those leave that claim less than theirs. */
export function shares(room: number, claims: readonly Claim[]): ReadonlyMap<Claim, number> {
  const given = new Map<Claim, number>();
  let left = room;
  let open = claims;
  for (;;) {
    const weights = open.reduce((sum, { weight }) => sum + weight, 0);
    const share = ({ weight }: Claim): number => Math.floor((left * weight) / weights);
    const content = open.filter((claim) => claim.bytes <= share(claim));
    for (const claim of open) given.set(claim, Math.min(claim.bytes, share(claim)));
    if (content.length === 0) return given;
    left -= content.reduce((sum, { bytes }) => sum + bytes, 0);
    open = open.filter((claim) => !content.includes(claim));
  }
}

/** A Markdown list of as many entries as there was room for. */
export interface MarkdownList {
  readonly text: string;
  /** How many changes, findings or blocked entries there are. */
  readonly found: number;
  /** How many of them stand in the text. */
  readonly listed: number;
}

/** A list that is opened on demand; nothing where it holds nothing. */
export function folded(title: string, { text, found }: MarkdownList): string {
  if (found === 0 || text === '') return '';
  return `<details><summary>${title}: ${numeral(found)}</summary>\n\n${text}\n</details>\n\n`;
}

/** How much of a list had no room, and the command that shows all of it. */
export function leftOut({ found, listed: shown }: MarkdownList, what: string, seeAll: string): string {
  if (shown === found) return '';
  return (
    `**Left out for want of space:** ${numeral(found - shown)} of ${numeral(found)} ${what}; ` +
    `${standing(shown)}. All of them: ${command(seeAll)}\n\n`
  );
}

function standing(shown: number): string {
  if (shown === 0) return 'none stands here';
  return shown === 1 ? 'only the first stands here' : `only the first ${numeral(shown)} stand here`;
}

export function command(line: string): string {
  return markdownCode(line, 4096);
}

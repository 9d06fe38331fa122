import { Defect } from '../defect.js';
import { digestInLine, HEADER_LINES_MAX, LIST_END, listStart, TEAM_END, teamInStart } from './layout.js';

/** What a line of a plan is; `json` is an item without the comma after it. */
export type Piece =
  | { readonly kind: 'frame' }
  /** The line after the header; `lines` is the whole header. */
  | { readonly kind: 'header'; readonly lines: readonly string[] }
  | { readonly kind: 'finding' | 'block' | 'team' | 'decision'; readonly json: string }
  | { readonly kind: 'team-end' }
  | { readonly kind: 'digest'; readonly digest: string };

type Place = 'header' | 'findings' | 'blocked' | 'teams' | 'digest' | 'end';

const FRAME: Piece = { kind: 'frame' };

/** Tells what each line of a plan is; takes them in order. */
export class PlanGrammar {
  #place: Place;
  /** What the next line must be, where there is no choice. */
  #demanded: string | undefined;
  readonly #header: string[] = [];
  readonly #items = new Items();
  /** Of the open team. */
  #decisions: Items | undefined;

  /** @param from `teams` reads the items of that list alone */
  constructor(from: 'header' | 'teams' = 'header') {
    this.#place = from;
  }

  /** @throws Defect where such a line cannot stand here */
  take(line: string): Piece {
    if (line.endsWith('\r')) throw new Defect('', 'ends with CR LF instead of LF');
    if (this.#demanded !== undefined) {
      if (line !== this.#demanded) throw new Defect('', `is not ${this.#demanded}`);
      this.#demanded = undefined;
      return FRAME;
    }
    switch (this.#place) {
      case 'header':
        return this.#takeHeader(line);
      case 'findings':
        return this.#takeItem(line, 'finding', 'blocked');
      case 'blocked':
        return this.#takeItem(line, 'block', 'teams');
      case 'teams':
        return this.#takeTeams(line);
      case 'digest': {
        const digest = digestInLine(line);
        if (digest === undefined) throw new Defect('digest', 'is not "sha256:" and 64 lower-case hex digits');
        this.#place = 'end';
        return { kind: 'digest', digest };
      }
      case 'end':
        throw new Defect('', 'follows the digest, which must be the last line');
    }
  }

  /** @throws Defect where the plan cannot end here */
  end(): void {
    if (this.#place !== 'end') throw new Defect('', 'is missing: the file was cut off');
  }

  #takeHeader(line: string): Piece {
    if (line === listStart('findings')) {
      this.#place = 'findings';
      return { kind: 'header', lines: this.#header };
    }
    if (this.#header.length === 0 && line !== '{') {
      const marked = line.startsWith('\ufeff');
      throw new Defect('', marked ? 'begins with a byte order mark' : 'is not "{": this is not a plan');
    }
    if (this.#header.length >= HEADER_LINES_MAX) throw new Defect('', `is not ${listStart('findings')}`);
    this.#header.push(line);
    return FRAME;
  }

  #takeItem(line: string, kind: 'finding' | 'block', next: 'blocked' | 'teams'): Piece {
    if (line === LIST_END) {
      this.#items.end();
      this.#place = next;
      this.#demanded = listStart(next);
      return FRAME;
    }
    this.#items.begin();
    return { kind, json: this.#items.finish(line) };
  }

  #takeTeams(line: string): Piece {
    if (this.#decisions === undefined) {
      if (line === LIST_END) {
        this.#items.end();
        this.#place = 'digest';
        return FRAME;
      }
      this.#items.begin();
      const json = teamInStart(line);
      if (json === undefined) throw new Defect('', 'does not begin a team');
      this.#decisions = new Items();
      return { kind: 'team', json };
    }
    if (line === TEAM_END || line === `${TEAM_END},`) {
      this.#decisions.end();
      this.#decisions = undefined;
      this.#items.finish(line);
      return { kind: 'team-end' };
    }
    this.#decisions.begin();
    return { kind: 'decision', json: this.#decisions.finish(line) };
  }
}

/** Demands a comma after every item but the last. */
class Items {
  #expected: 'item or end' | 'item' | 'end' = 'item or end';

  begin(): void {
    if (this.#expected === 'end') throw new Defect('', 'follows an item without a comma');
  }

  /** @returns the line without its comma */
  finish(line: string): string {
    const more = line.endsWith(',');
    this.#expected = more ? 'item' : 'end';
    return more ? line.slice(0, -1) : line;
  }

  end(): void {
    if (this.#expected === 'item') throw new Defect('', 'ends the list after a comma');
    this.#expected = 'item or end';
  }
}

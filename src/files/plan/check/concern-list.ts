import type { z } from 'zod';
import type { BlockCode, Concern, FindingCode } from '../../../model/finding.js';
import { isId } from '../../../model/id.js';
import type { Mapping } from '../../../model/mapping.js';
import { parseCanonical } from '../canonical.js';
import { inConcernOrder, inSubjectOrder } from '../concern-order.js';
import { Defect } from '../../defect.js';
import { itemsOf } from '../../sorter.js';
import type { Range, Spool } from '../../spool.js';

/** What each code must name; a malformed row may lack team and user. */
const SUBJECT: Readonly<Record<FindingCode | BlockCode, 'team' | 'user' | 'any'>> = {
  'changed-since': 'user',
  'deleted-team-holds-roles': 'team',
  'duplicate-active-role': 'user',
  exempt: 'any',
  'link-conflict': 'user',
  'malformed-membership': 'any',
  'malformed-row': 'any',
  'missing-team': 'team',
  'not-undoable': 'user',
  'odd-membership': 'any',
  'odd-team-state': 'team',
  'owner-without-membership': 'user',
  'team-without-owner': 'team',
  'unknown-role': 'user',
  'unlinked-row': 'user',
};

/**
 * The findings or the blocks of a plan. It verifies them item by item, and then looks up users and teams in them: they
 * may be too many for memory, so it remembers where those of each code stand in the spool.
 */
export class ConcernList<Code extends FindingCode | BlockCode> {
  readonly #spool: Spool;
  readonly #schema: z.ZodType<Concern<Code>>;
  readonly #mapping: Mapping;
  readonly #byCode = new Map<Code, Range>();
  readonly #cursors = new Map<Code, Cursor>();
  #range: Range = { start: 0, end: 0 };
  #last: Concern<Code> | undefined;

  constructor(spool: Spool, schema: z.ZodType<Concern<Code>>, mapping: Mapping) {
    this.#spool = spool;
    this.#schema = schema;
    this.#mapping = mapping;
  }

  /** Where all items stand. */
  get range(): Range {
    return this.#range;
  }

  /** @throws Defect */
  take(json: string, at: Range): Concern<Code> {
    const concern = parseCanonical(json, this.#schema);
    checkSubject(concern, this.#mapping.ids);
    checkName('name', concern.name, concern.user, this.#mapping);
    if (this.#last !== undefined && inConcernOrder(this.#last, concern) >= 0) {
      throw new Defect('', 'does not come after the one before');
    }
    const { code } = concern;
    this.#byCode.set(code, { start: this.#byCode.get(code)?.start ?? at.start, end: at.end });
    this.#range = { start: this.#last === undefined ? at.start : this.#range.start, end: at.end };
    this.#last = concern;
    return concern;
  }

  /** Whether it holds this code at all; answers without waiting. */
  holds(code: Code): boolean {
    return this.#byCode.has(code);
  }

  /** Whether it holds this about any row. Ask for one code in ascending order (team, user; null first) until `rewind`. */
  async has(code: Code, team: string, user: string | null): Promise<boolean> {
    const range = this.#byCode.get(code);
    if (range === undefined) return false;
    let cursor = this.#cursors.get(code);
    if (cursor === undefined) {
      cursor = new Cursor(itemsOf(this.#spool, this.#schema, range));
      this.#cursors.set(code, cursor);
    }
    return cursor.reaches({ code, team, user });
  }

  rewind(): void {
    this.#cursors.clear();
  }
}

class Cursor {
  readonly #rest: AsyncIterator<Concern>;
  #head: Concern | 'none' | undefined;

  constructor(concerns: AsyncIterable<Concern>) {
    this.#rest = concerns[Symbol.asyncIterator]();
  }

  async reaches(wanted: Concern): Promise<boolean> {
    for (;;) {
      if (this.#head === undefined) {
        const next = await this.#rest.next();
        this.#head = next.done === true ? 'none' : next.value;
      }
      if (this.#head === 'none') return false;
      const order = inSubjectOrder(this.#head, wanted);
      if (order >= 0) return order === 0;
      this.#head = undefined;
    }
  }
}

/** A name stands beside an id, and only where the mapping says that names are read. @throws Defect */
export function checkName(
  field: string,
  name: string | undefined,
  id: string | null,
  { mongo }: Mapping,
): void {
  if (name === undefined) return;
  if (id === null) throw new Defect(field, 'is the name of nobody: there is no id');
  if (mongo.users === null) throw new Defect(field, 'is there, though the mapping names no users');
}

function checkSubject({ code, team, user }: Concern<FindingCode | BlockCode>, ids: Mapping['ids']): void {
  if (team !== null && !isId(team, ids)) throw new Defect('team', 'is not a well-formed id');
  if (user !== null && !isId(user, ids)) throw new Defect('user', 'is not a well-formed id');
  const subject = SUBJECT[code];
  if (subject === 'any') return;
  if (team === null) throw new Defect('team', `is null, though ${code} concerns a team`);
  if (subject === 'team' && user !== null) {
    throw new Defect('user', `is not null, though ${code} concerns a whole team`);
  }
  if (subject === 'user' && user === null)
    throw new Defect('user', `is null, though ${code} concerns a user`);
}

import type { z } from 'zod';
import type { BlockCode, FindingCode } from '../../model/finding.js';
import { isId, type IdType } from '../../model/id.js';
import { parseCanonical } from './canonical.js';
import { inConcernOrder, type Concern } from './concern-order.js';
import { Defect } from '../defect.js';
import type { Range } from '../spool.js';

/** Whom each code is about; what is malformed may lack either. */
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

/** Verifies the list of findings or of blocks item by item, and remembers where it stands in the file. */
export interface ConcernList<Code extends string> {
  /** @throws Defect */
  take(json: string, at: Range, ids: IdType): Concern<Code>;
  /** Where the items of each code stand. */
  readonly byCode: ReadonlyMap<Code, Range>;
  /** Where all of them stand. */
  readonly range: Range;
}

export function newConcernList<Code extends FindingCode | BlockCode>(
  schema: z.ZodType<Concern<Code>>,
): ConcernList<Code> {
  const byCode = new Map<Code, Range>();
  let range: Range = { start: 0, end: 0 };
  let last: Concern<Code> | undefined;
  return {
    byCode,
    get range() {
      return range;
    },
    take(json, at, ids) {
      const concern = parseCanonical(json, schema);
      checkSubject(concern, ids);
      if (last !== undefined && inConcernOrder(last, concern) >= 0) {
        throw new Defect('', 'does not come after the one before');
      }
      byCode.set(concern.code, { start: byCode.get(concern.code)?.start ?? at.start, end: at.end });
      range = { start: last === undefined ? at.start : range.start, end: at.end };
      last = concern;
      return concern;
    },
  };
}

function checkSubject({ code, team, user }: Concern<FindingCode | BlockCode>, ids: IdType): void {
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

import type { z } from 'zod';
import type { BlockCode, FindingCode } from '../../model/finding.js';
import { isId } from '../../model/id.js';
import type { Mapping } from '../../model/mapping.js';
import { parseCanonical } from './canonical.js';
import { inConcernOrder, type Concern } from './concern-order.js';
import { Defect } from '../defect.js';
import type { Range } from '../spool.js';

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

/** Verifies the list of findings or blocks item by item, and remembers where the items stand in the file. */
export interface ConcernList<Code extends string> {
  /** @throws Defect */
  take(json: string, at: Range, mapping: Mapping): Concern<Code>;
  readonly byCode: ReadonlyMap<Code, Range>;
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
    take(json, at, mapping) {
      const concern = parseCanonical(json, schema);
      checkSubject(concern, mapping.ids);
      checkName('name', concern.name, concern.user, mapping);
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

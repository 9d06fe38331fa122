import { byCodeUnit } from '../../model/id.js';

/** A finding or a block. */
export interface Concern<Code extends string = string> {
  readonly code: Code;
  readonly team: string | null;
  readonly user: string | null;
}

/** Findings and blocks stand by code, then team, then user, null first (docs/design.md, "The plan file"). */
export function inConcernOrder(a: Concern, b: Concern): number {
  return byCodeUnit(a.code, b.code) || nullFirst(a.team, b.team) || nullFirst(a.user, b.user);
}

function nullFirst(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return byCodeUnit(a, b);
}

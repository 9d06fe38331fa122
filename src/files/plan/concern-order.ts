import type { Concern } from '../../model/finding.js';
import { byCodeUnit } from '../../model/id.js';

/** Findings and blocks stand by code, team, user, store, row, field and value (docs/design.md, "The plan file"). */
export function inConcernOrder(a: Concern, b: Concern): number {
  return (
    inSubjectOrder(a, b) ||
    byCodeUnit(a.at?.store ?? '', b.at?.store ?? '') ||
    byCodeUnit(a.at?.row ?? '', b.at?.row ?? '') ||
    byCodeUnit(a.at?.field ?? '', b.at?.field ?? '') ||
    byCodeUnit(a.value ?? '', b.value ?? '')
  );
}

/** The order without what tells apart the rows of one user or team; null first. */
export function inSubjectOrder(a: Concern, b: Concern): number {
  return byCodeUnit(a.code, b.code) || nullFirst(a.team, b.team) || nullFirst(a.user, b.user);
}

function nullFirst(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return byCodeUnit(a, b);
}

import { byCodeUnit } from '../../model/id.js';
import type { PlanTeamHead } from './schema.js';

/** Existing teams come first by id, then missing teams by id (docs/design.md, "The plan file"). */
export function inTeamOrder(a: PlanTeamHead, b: PlanTeamHead): number {
  return Number(a.state === 'missing') - Number(b.state === 'missing') || byCodeUnit(a.id, b.id);
}

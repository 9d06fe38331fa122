import type { PageFilter } from '../filter-hash.js';
import type { Change, Decision } from './decisions.js';

/** A decision, and those of its changes that fit the filter: at least one. */
export interface Found {
  readonly decision: Decision;
  readonly changes: readonly Change[];
}

/** A change is found only where it fits every key and every word itself, or its decision does. */
export function find(decisions: readonly Decision[], filter: PageFilter): readonly Found[] {
  const sought = soughtWords(filter.text);
  return decisions.flatMap((decision) => {
    const { team, user, standing, text } = decision;
    if (!lets(filter.team, team.id) || !lets(filter.user, user) || !lets(filter.standing, standing.code))
      return [];
    const left = sought.filter((word) => !text.includes(word));
    const changes = decision.changes.filter(
      (change) =>
        lets(filter.op, change.op.code) &&
        lets(filter.store, change.store.code) &&
        lets(filter.role, change.role) &&
        lets(filter.rule, change.rule.code) &&
        left.every((word) => change.text.includes(word)),
    );
    return changes.length === 0 ? [] : [{ decision, changes }];
  });
}

function lets(wanted: readonly string[], found: string): boolean {
  return wanted.length === 0 || wanted.includes(found);
}

/** `"Büro Wien" owner` → `büro wien`, `owner` */
function soughtWords(text: string): string[] {
  const words = text.toLowerCase().matchAll(/"([^"]+)|([^"\s]+)/g);
  return [...words].map(([, phrase, word = '']) => (phrase ?? word).trim()).filter((word) => word !== '');
}

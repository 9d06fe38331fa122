/** How much `apply` takes away from a store unless `--max-removals` says otherwise (docs/design.md, "Apply"). */
export const REMOVALS_PERCENT = 25;
/** So many are always allowed, however few rows the store has. */
export const REMOVALS_FLOOR = 10;

/** Whether that is more than is allowed without being asked for, of so many active roles. */
export function exceedsRemovalLimit(removals: number, active: number): boolean {
  return removals > Math.max(REMOVALS_FLOOR, Math.floor((active * REMOVALS_PERCENT) / 100));
}

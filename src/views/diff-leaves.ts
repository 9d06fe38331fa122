/** One value that differs, within a difference that json-diff found. */
export interface DiffLeaf {
  /** Where it stands, outermost name first. */
  readonly path: readonly string[];
  readonly change: 'added' | 'removed' | 'altered';
  /** As JSON; null where there is none. */
  readonly old: string | null;
  readonly new: string | null;
}

const ADDED = '__added';
const REMOVED = '__deleted';

/** Every value that differs, in the order in which json-diff names them. */
export function* diffLeaves(difference: unknown, path: readonly string[] = []): Iterable<DiffLeaf> {
  if (typeof difference !== 'object' || difference === null) return;
  if ('__old' in difference && '__new' in difference) {
    const { __old: before, __new: after } = difference;
    yield { path, change: 'altered', old: JSON.stringify(before), new: JSON.stringify(after) };
    return;
  }
  for (const [name, value] of Object.entries(difference)) {
    if (name.endsWith(ADDED)) {
      const at = [...path, name.slice(0, -ADDED.length)];
      yield { path: at, change: 'added', old: null, new: JSON.stringify(value) };
    } else if (name.endsWith(REMOVED)) {
      const at = [...path, name.slice(0, -REMOVED.length)];
      yield { path: at, change: 'removed', old: JSON.stringify(value), new: null };
    } else {
      yield* diffLeaves(value, [...path, name]);
    }
  }
}

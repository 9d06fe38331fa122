import { type Doc, isDoc } from './documents.js';
import { CommandError, notImplemented } from './errors.js';

/** Field → projected below (a tree) or as a whole (true). */
type Tree = Map<string, Tree | true>;

function plant(tree: Tree, path: readonly string[], name: string): void {
  const [field, ...rest] = path;
  if (field === undefined) return;
  const below = tree.get(field);
  if (rest.length === 0) {
    if (below !== undefined) throw new CommandError(31250, `Path collision at ${name}`);
    tree.set(field, true);
  } else {
    if (below === true)
      throw new CommandError(31249, `Path collision at ${name} remaining portion ${rest.join('.')}`);
    const subtree: Tree = below ?? new Map<string, Tree | true>();
    tree.set(field, subtree);
    plant(subtree, rest, name);
  }
}

function project(value: unknown, tree: Tree, keep: boolean): unknown {
  if (Array.isArray(value)) {
    const items: readonly unknown[] = keep ? value.filter((v) => isDoc(v) || Array.isArray(v)) : value;
    return items.map((item) => project(item, tree, keep));
  }
  if (!isDoc(value)) return value;
  const result: Doc = {};
  for (const [field, inner] of Object.entries(value)) {
    const below = tree.get(field);
    if (below === undefined ? !keep : below === true ? keep : false) result[field] = inner;
    else if (below instanceof Map && (!keep || isDoc(inner) || Array.isArray(inner))) {
      result[field] = project(inner, below, keep);
    }
  }
  return result;
}

/** Fields kept or left out; anything computed is refused. Undefined if nothing is projected. */
export function compileProjection(projection: Doc): ((document: Doc) => Doc) | undefined {
  const entries = Object.entries(projection);
  if (entries.length === 0) return undefined;
  const tree: Tree = new Map();
  let keep: boolean | undefined;
  let keepId: boolean | undefined;
  for (const [field, wanted] of entries) {
    if (typeof wanted !== 'boolean' && typeof wanted !== 'number') {
      throw notImplemented(`the projection of ${field}: only fields kept or left out`);
    }
    if (field === '_id') {
      keepId = Boolean(wanted);
      continue;
    }
    if (keep !== undefined && keep !== Boolean(wanted)) {
      const [code, kind] = keep ? [31254, 'exclusion'] : [31253, 'inclusion'];
      throw new CommandError(
        code,
        `Cannot do ${kind} on field ${field} in ${keep ? 'in' : 'ex'}clusion projection`,
      );
    }
    keep = Boolean(wanted);
    plant(tree, field.split('.'), field);
  }
  keep ??= keepId ?? true;
  if ((keepId ?? true) === keep && (keep || keepId === false)) tree.set('_id', true);
  return (document) => {
    const projected = project(document, tree, keep);
    return isDoc(projected) ? projected : {};
  };
}

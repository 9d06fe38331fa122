import { type Collection, type IndexDefinition, leadingField } from './collection.js';
import type { Doc, StoredDocument } from './documents.js';
import type { FieldIndex, IndexHit } from './field-index.js';
import { compileFilter, demandsOf, type FieldDemand } from './filter.js';
import { compileSort } from './sort.js';
import type { DocumentHistory, ReadPoint } from './versions.js';

/** How the documents that may match are found. */
export interface AccessPath {
  /** Undefined: the whole collection is read. */
  readonly index: IndexDefinition | undefined;
  readonly field: FieldIndex | undefined;
  /** True if they come in the order that was asked for. */
  readonly sorted: boolean;
  readonly hits: () => Iterable<IndexHit>;
}

export interface Match {
  readonly history: DocumentHistory;
  readonly document: StoredDocument;
}

/** Prefers `_id`, then equality on another indexed field, then a range, then an index for its order. */
export function chooseAccessPath(collection: Collection, filter: Doc, sort: Doc): AccessPath {
  const demands = demandsOf(filter);
  const sortFields = Object.entries(sort);
  const sortField = sortFields.length === 1 && sortFields[0]?.[1] === 1 ? sortFields[0][0] : undefined;
  const candidates = collection.indexes.flatMap((index) => {
    const name = leadingField(index);
    const field = name === undefined ? undefined : collection.fieldIndex(name);
    // A partial index would not hold every document that matches.
    const usable = field !== undefined && index.specification.partialFilterExpression === undefined;
    return usable ? [{ index, field, demand: demands.get(field.field) }] : [];
  });
  const path = (index: IndexDefinition, field: FieldIndex, hits: () => Iterable<IndexHit>): AccessPath => ({
    index,
    field,
    sorted: field.field === sortField && !field.multikey,
    hits,
  });
  for (const { index, field, demand } of candidates) {
    const { equals } = demand ?? {};
    if (equals !== undefined) return path(index, field, () => field.equal(equals));
  }
  const isRange = (demand: FieldDemand | undefined) =>
    demand?.lower !== undefined || demand?.upper !== undefined;
  const ranges = candidates.filter(({ demand }) => isRange(demand));
  const range = ranges.find(({ field }) => field.field === sortField) ?? ranges[0];
  if (range !== undefined) {
    const { index, field, demand } = range;
    return path(index, field, () => field.range(demand?.lower, demand?.upper));
  }
  const ordered = candidates.find(({ field }) => field.field === sortField && !field.multikey);
  if (ordered !== undefined)
    return path(ordered.index, ordered.field, () => ordered.field.range(undefined, undefined));
  return { index: undefined, field: undefined, sorted: false, hits: () => everything(collection) };
}

function* everything(collection: Collection): Generator<IndexHit> {
  for (const history of collection.histories()) yield { history, key: '' };
}

/** The matching documents as the reader sees them at the time of each step, sorted if that was asked for. */
export function* findMatches(
  collection: Collection | undefined,
  filter: Doc,
  sort: Doc,
  point: ReadPoint,
): Generator<Match> {
  const matches = compileFilter(filter);
  const order = compileSort(sort);
  if (collection === undefined) return;
  const path = chooseAccessPath(collection, filter, sort);
  const found = filtered(path, matches, point);
  if (path.sorted || Object.keys(sort).length === 0) yield* found;
  else yield* [...found].sort((a, b) => order(a.document.view, b.document.view));
}

function* filtered(
  path: AccessPath,
  matches: (document: Doc) => boolean,
  point: ReadPoint,
): Generator<Match> {
  const seen = new Set<DocumentHistory>();
  for (const { history, key } of path.hits()) {
    const document = history.visibleAt(point);
    if (document === null || seen.has(history)) continue;
    // The index also holds other versions of this document; it is found again under the key it has here.
    if (path.field?.keysOf(document).includes(key) === false) continue;
    if (path.field?.multikey === true) seen.add(history);
    if (matches(document.view)) yield { history, document };
  }
}

/** The keys of a filter, each with any number of values; `role=owner&role=admin&op=insert`. */
export const FILTER_KEYS = ['team', 'user', 'role', 'op', 'store', 'standing', 'rule'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

/**
 * Which changes the page of a plan shows: those that fit every key, by any value of it; a key without values fits all.
 * The values are whole ids, names and codes as the page shows them (`visibleText`).
 */
export interface PageFilter extends Readonly<Record<FilterKey, readonly string[]>> {
  /** Words, all of which must occur in the change; several within double quotes count as one. */
  readonly text: string;
}

/**
 * The filter as the fragment of the page's address: `#` and the pairs of an HTML form (`role=owner&role=admin&text=büro`),
 * in the order of the keys, `text` last. Links that set the filter consist of it, and it is what somebody shares.
 *
 * @param shown makes the values what the page shows; without it they are that already
 */
export function filterHash(
  filter: Partial<PageFilter>,
  shown: (value: string) => string = (value) => value,
): string {
  const pairs = new URLSearchParams();
  for (const key of FILTER_KEYS) for (const value of filter[key] ?? []) pairs.append(key, shown(value));
  if (filter.text) pairs.append('text', filter.text);
  return `#${pairs.toString()}`;
}

// Nothing that is shown holds these, and somebody's link must not reorder the page.
const UNSEEN = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** The filter that a fragment stands for. It never fails: what is unknown in it is passed over. */
export function filterOfHash(hash: string): PageFilter {
  const pairs = new URLSearchParams(hash.replace(/^#/, ''));
  const values = (key: string): string[] => {
    const found = pairs.getAll(key).filter((value) => value !== '');
    return [...new Set(found.map((value) => value.replace(UNSEEN, '\ufffd')))];
  };
  return {
    team: values('team'),
    user: values('user'),
    role: values('role'),
    op: values('op'),
    store: values('store'),
    standing: values('standing'),
    rule: values('rule'),
    text: values('text')[0] ?? '',
  };
}

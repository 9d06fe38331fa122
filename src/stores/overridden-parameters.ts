import { ConnectionString } from 'mongodb-connection-string-url';

/**
 * How is read and written is not left to the connection string: the snapshot of a plan, and that a commit lasts, hang on
 * it. A read concern there would take the place of the snapshot's own, tags and staleness do not go with a primary,
 * and `journal` and `wtimeoutMS` would weaken what is written with a majority.
 */
const OVERRIDDEN: ReadonlySet<string> = new Set([
  ...['readconcernlevel', 'readpreference', 'readpreferencetags', 'maxstalenessseconds'],
  ...['w', 'wtimeout', 'wtimeoutms', 'journal'],
]);

/**
 * A connection string without the parameters that this tool sets itself, and their names.
 *
 * @throws Error if it cannot be parsed
 */
export function withoutOverridden(uri: string): { readonly uri: string; readonly overridden: string[] } {
  const parsed = new ConnectionString(uri);
  const overridden = [...new Set(parsed.searchParams.keys())].filter((name) =>
    OVERRIDDEN.has(name.toLowerCase()),
  );
  for (const name of overridden) parsed.searchParams.delete(name);
  // What is not changed is not spelled anew either.
  return { uri: overridden.length === 0 ? uri : parsed.toString(), overridden };
}

import { MongoError, MongoMissingDependencyError } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';

/** The packages that the driver loads where a parameter asks for them, and that are not installed with this tool. */
const WANTED_BY: Readonly<Record<string, string>> = {
  ...{ snappy: 'compressors=snappy', zstd: 'compressors=zstd', socks: 'proxyHost' },
  ...{ kerberos: 'authMechanism=GSSAPI', 'gcp-metadata': 'authMechanism=MONGODB-OIDC' },
  '@aws-sdk/credential-providers': 'authMechanism=MONGODB-AWS',
};

/** The parameter of MONGODB_URI with which the driver itself stands in the way; undefined where it is something else. */
export function hinderingParameter(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof MongoMissingDependencyError) return WANTED_BY[each.dependencyName];
    if (!(each instanceof MongoError)) continue;
    if (each.name === 'MongoWaitQueueTimeoutError') return 'waitQueueTimeoutMS';
    if (/pool minimum size/.test(each.message)) return 'minPoolSize';
  }
  return undefined;
}

/** What to do about such a parameter, as a sentence. */
export function parameterAdvice(parameter: string): string {
  return `Correct ${parameter} in MONGODB_URI, or take it out.`;
}

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

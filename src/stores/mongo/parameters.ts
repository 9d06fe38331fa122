import { MongoError, MongoMissingDependencyError } from 'mongodb';
import { ConnectionString } from 'mongodb-connection-string-url';

/** Packages that the driver loads for a parameter, and that this tool does not install. */
const WANTED_BY: Readonly<Record<string, string>> = {
  snappy: 'compressors=snappy',
  zstd: 'compressors=zstd',
  socks: 'proxyHost',
  kerberos: 'authMechanism=GSSAPI',
  'gcp-metadata': 'authMechanism=MONGODB-OIDC',
  '@aws-sdk/credential-providers': 'authMechanism=MONGODB-AWS',
};

/** The parameter of MONGODB_URI that made the driver fail; undefined if none did. */
export function hinderingParameter(error: unknown): string | undefined {
  for (let each = error; each instanceof Error; each = each.cause) {
    if (each instanceof MongoMissingDependencyError) return WANTED_BY[each.dependencyName];
    if (!(each instanceof MongoError)) continue;
    if (each.name === 'MongoWaitQueueTimeoutError') return 'waitQueueTimeoutMS';
    if (/pool minimum size/.test(each.message)) return 'minPoolSize';
  }
  return undefined;
}

/** A sentence for people. */
export function parameterAdvice(parameter: string): string {
  return `Correct ${parameter} in MONGODB_URI, or take it out.`;
}

/**
 * The connection string must not decide how we read and write. A read concern would replace the snapshot's own, tags
 * and staleness exclude a primary, and `journal` and `wtimeoutMS` would weaken writes to a majority.
 */
const OVERRIDDEN: ReadonlySet<string> = new Set([
  ...['readconcernlevel', 'readpreference', 'readpreferencetags', 'maxstalenessseconds'],
  ...['w', 'wtimeout', 'wtimeoutms', 'journal'],
]);

/** Removes the parameters that this tool sets itself, and names them. @throws Error if the URI cannot be parsed */
export function withoutOverridden(uri: string): { readonly uri: string; readonly overridden: string[] } {
  const parsed = new ConnectionString(uri);
  const overridden = [...new Set(parsed.searchParams.keys())].filter((name) =>
    OVERRIDDEN.has(name.toLowerCase()),
  );
  for (const name of overridden) parsed.searchParams.delete(name);
  // An unchanged string keeps its spelling.
  return { uri: overridden.length === 0 ? uri : parsed.toString(), overridden };
}

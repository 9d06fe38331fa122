import { MongoError, MongoMissingDependencyError } from 'mongodb';

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

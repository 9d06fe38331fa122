import pg from 'pg';
import { codeOf } from '../model/errors.js';
import { hinderingParameter, parameterAdvice } from './mongo/parameters.js';

/** What goes wrong on the way to a server, by the codes of Node, OpenSSL, PostgreSQL and MongoDB. */
const CODES = {
  unreachable: ['ECONNREFUSED', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  'unknown-host': ['ENOTFOUND', 'EAI_AGAIN'],
  untrusted: [
    'DEPTH_ZERO_SELF_SIGNED_CERT',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    'UNABLE_TO_GET_ISSUER_CERT',
    'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
    'CERT_UNTRUSTED',
  ],
  expired: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'],
  'other-name': ['ERR_TLS_CERT_ALTNAME_INVALID'],
  // A server hangs up if it expects TLS and gets none, or the other way round.
  'hung-up': [
    'ECONNRESET',
    'EPIPE',
    'EPROTO',
    'ERR_SSL_WRONG_VERSION_NUMBER',
    'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  ],
  'wants-certificate': ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE'],
  // PostgreSQL's, and MongoDB's AuthenticationFailed and AtlasError.
  'access-denied': ['28P01', '28000', '18', '8000'],
  'no-database': ['3D000'],
  'too-many': ['53300'],
  'no-privilege': ['42501'],
} satisfies Record<string, string[]>;
type Obstacle = keyof typeof CODES | 'no-tls' | 'only-tls' | 'unknown';

const REACH = 'Check that the server runs and can be reached from here';
const RENEW = 'Have the certificate of the server renewed, and check the clock of this machine.';

interface PostgresLogin {
  readonly database: string;
  readonly user: string;
  readonly sslRootCert: string | undefined;
}

/** The statement for a user who is known to the server, but may not CONNECT. */
export function grantConnectStatement({ database, user }: PostgresLogin): string {
  return `GRANT CONNECT ON DATABASE ${pg.escapeIdentifier(database)} TO ${pg.escapeIdentifier(user)};`;
}

/** The advice, and where the settings come from that it speaks of. A statement to be run stays the last thing: it is copied. */
export function withOrigin(advice: string, { origin = '' }: { readonly origin?: string }): string {
  return origin === '' || advice.includes('\n') ? advice : `${advice} ${origin}`;
}

type Advice = Partial<Record<Obstacle, string>>;

/** What to do about a failed connection to PostgreSQL, in sentences. */
export function postgresAdvice(error: unknown, login: PostgresLogin): string {
  const { sslRootCert } = login;
  const advice: Advice = {
    'access-denied':
      'Check POSTGRES_USER and POSTGRES_PASSWORD (or both in POSTGRES_URL), and whether pg_hba.conf lets this user in from here.',
    'no-privilege': `Have an owner or administrator run this, then run the same command again:\n${grantConnectStatement(login)}`,
    'no-database': 'Check POSTGRES_DB, or the database in POSTGRES_URL.',
    'no-tls':
      'Switch TLS on at the server; or, where the network in between is trusted, set POSTGRES_SSLMODE=disable.',
    'only-tls':
      'Set POSTGRES_SSLMODE=verify-full, for the server may let in only who encrypts; otherwise have pg_hba.conf let this user in from here.',
    'wants-certificate':
      'Have pg_hba.conf ask this user for a password instead of a certificate (clientcert), which cannot be given.',
    untrusted:
      sslRootCert === undefined
        ? 'Name the file with the authority that signed the certificate of the server in POSTGRES_SSLROOTCERT.'
        : `Put the authority that signed the certificate of the server into ${sslRootCert}, or name another file in POSTGRES_SSLROOTCERT.`,
    'other-name':
      'Connect under a name that is in the certificate of the server; or accept any name that its authority vouches for with POSTGRES_SSLMODE=verify-ca.',
    expired: RENEW,
    'too-many': 'Wait until others have ended their connections, or use less --concurrency.',
    'unknown-host': 'Check the spelling of POSTGRES_HOST (or the host in POSTGRES_URL), and the network.',
    unreachable: `${REACH}, and POSTGRES_HOST and POSTGRES_PORT (or both in POSTGRES_URL).`,
  };
  const otherwise = `${REACH}, and the POSTGRES_ settings: host, port, database, user, password and POSTGRES_SSLMODE.`;
  return advice[obstacleOf(error)] ?? otherwise;
}

export interface MongoTlsOptions {
  readonly tls?: boolean;
  readonly tlsCAFile?: string;
  readonly tlsCRLFile?: string;
  readonly tlsCertificateKeyFile?: string;
}

/** What to do about a failed connection to MongoDB, in sentences. */
export function mongoAdvice(error: unknown, options: MongoTlsOptions): string {
  const parameter = hinderingParameter(error) ?? unreadableFile(error, options);
  if (parameter !== undefined) return parameterAdvice(parameter);
  const advice: Advice = {
    'access-denied': 'Check the user name, the password and authSource in MONGODB_URI.',
    untrusted:
      options.tlsCAFile === undefined
        ? 'Name the file with the authority that signed the certificate of the server in MONGODB_URI: tlsCAFile=….'
        : `Put the authority that signed the certificate of the server into ${options.tlsCAFile}, or name another file as tlsCAFile in MONGODB_URI.`,
    'other-name':
      'Connect under a name that is in the certificate of the server: see the host in MONGODB_URI.',
    expired: RENEW,
    'unknown-host': 'Check the spelling of the host in MONGODB_URI, and the network.',
    'hung-up':
      options.tls === true
        ? 'Take tls=true (or ssl=true; with mongodb+srv:// say tls=false) out of MONGODB_URI if the server has no TLS, for it hangs up when TLS begins; otherwise check the address.'
        : 'Add tls=true to MONGODB_URI if the server wants TLS (and tlsCAFile=… where the authority is one of your own), for it hangs up without; otherwise check the address.',
    'wants-certificate':
      'Name the file with your certificate and its key as tlsCertificateKeyFile in MONGODB_URI: the server demands a client certificate.',
  };
  return advice[obstacleOf(error)] ?? `${REACH}, and the address, replicaSet and credentials in MONGODB_URI.`;
}

/** The parameter whose file cannot be opened, or holds no certificate or key. */
function unreadableFile(error: unknown, options: MongoTlsOptions): string | undefined {
  const { tlsCAFile, tlsCRLFile, tlsCertificateKeyFile } = options;
  const files = Object.entries({ tlsCAFile, tlsCRLFile, tlsCertificateKeyFile });
  for (const each of reasonsOf(error)) {
    const named = files.find(([, file]) => file !== undefined && 'path' in each && file === each.path);
    if (named !== undefined) return named[0];
    // From OpenSSL: the file has no such block, or its key needs a password.
    const broken = /^ERR_OSSL_(PEM|ASN1|CRYPTO|EVP|UNSUPPORTED)|^ERR_MISSING_PASSPHRASE/;
    if (broken.test(String(codeOf(each))) && tlsCertificateKeyFile !== undefined)
      return 'tlsCertificateKeyFile';
  }
  return undefined;
}

function obstacleOf(error: unknown): Obstacle {
  for (const each of reasonsOf(error)) {
    const code = String(codeOf(each) ?? '');
    const byCode = Object.keys(CODES)
      .filter((name): name is keyof typeof CODES => name in CODES)
      .find((name) => CODES[name].includes(code));
    const found = obstacleInWords(each.message) ?? byCode;
    if (found !== undefined) return found;
  }
  return 'unknown';
}

/** The error and its causes, the deepest first: it is nearest to the reason. */
function* reasonsOf(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 5) return;
  const deeper = [
    error.cause,
    ...(error instanceof AggregateError ? (error.errors as unknown[]) : []),
    ...serverErrorsOf(error),
  ];
  for (const cause of deeper) yield* reasonsOf(cause, depth + 1);
  yield error;
}

/** These have no code. `no encryption` (formerly `SSL off`) means that pg_hba.conf lets in encrypted users only. */
function obstacleInWords(message: string): Obstacle | undefined {
  if (/does not support SSL connections/.test(message)) return 'no-tls';
  if (/no pg_hba\.conf entry .*(no encryption|SSL off)/.test(message)) return 'only-tls';
  if (/^connection \S+ to \S+ closed$|before secure TLS connection was established/.test(message))
    return 'hung-up';
  return undefined;
}

/** The MongoDB driver describes each server that it could not choose, with the reason. */
function serverErrorsOf(error: Error): unknown[] {
  const reason: unknown = 'reason' in error ? error.reason : undefined;
  const servers: unknown =
    typeof reason === 'object' && reason !== null && 'servers' in reason ? reason.servers : undefined;
  if (!(servers instanceof Map)) return [];
  return [...servers.values()].map((server: unknown) =>
    typeof server === 'object' && server !== null && 'error' in server ? server.error : undefined,
  );
}

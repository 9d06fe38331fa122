/** What went wrong on the way to a server, by the codes of Node, OpenSSL, PostgreSQL and MongoDB. */
type Obstacle =
  | 'access-denied'
  | 'expired'
  | 'no-database'
  | 'no-tls'
  | 'other-name'
  | 'too-many'
  | 'unknown'
  | 'unknown-host'
  | 'unreachable'
  | 'untrusted';

const OBSTACLES: Readonly<Record<string, Obstacle>> = {
  ...{ ECONNREFUSED: 'unreachable', ETIMEDOUT: 'unreachable', EHOSTUNREACH: 'unreachable' },
  ...{
    ENETUNREACH: 'unreachable',
    ECONNRESET: 'unreachable',
    ENOTFOUND: 'unknown-host',
    EAI_AGAIN: 'unknown-host',
  },
  ...{ DEPTH_ZERO_SELF_SIGNED_CERT: 'untrusted', SELF_SIGNED_CERT_IN_CHAIN: 'untrusted' },
  ...{ UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted', UNABLE_TO_GET_ISSUER_CERT: 'untrusted' },
  ...{ UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted', CERT_UNTRUSTED: 'untrusted' },
  ...{
    CERT_HAS_EXPIRED: 'expired',
    CERT_NOT_YET_VALID: 'expired',
    ERR_TLS_CERT_ALTNAME_INVALID: 'other-name',
  },
  // PostgreSQL, and MongoDB's AuthenticationFailed and AtlasError.
  ...{ '28P01': 'access-denied', '28000': 'access-denied', '3D000': 'no-database', '53300': 'too-many' },
  ...{ '18': 'access-denied', '8000': 'access-denied' },
};

const REACH = 'Check that the server runs and can be reached from here';

/** What to do about a connection to PostgreSQL that did not come about, as a sentence. */
export function postgresAdvice(error: unknown): string {
  switch (obstacleOf(error)) {
    case 'access-denied':
      return 'Check POSTGRES_USER and POSTGRES_PASSWORD (or both in POSTGRES_URL), and whether pg_hba.conf lets this user in from here.';
    case 'no-database':
      return 'Check POSTGRES_DB, or the database in POSTGRES_URL.';
    case 'no-tls':
      return 'Switch TLS on at the server; or, where the network in between is trusted, set POSTGRES_SSLMODE=disable.';
    case 'untrusted':
      return 'Name the file with the authority that signed the certificate of the server in POSTGRES_SSLROOTCERT.';
    case 'other-name':
      return 'Connect under a name that is in the certificate of the server; or accept any name that its authority vouches for with POSTGRES_SSLMODE=verify-ca.';
    case 'expired':
      return 'Have the certificate of the server renewed, and check the clock of this machine.';
    case 'too-many':
      return 'Wait until others have ended their connections, or use less --concurrency.';
    case 'unknown-host':
      return 'Check the spelling of POSTGRES_HOST (or the host in POSTGRES_URL), and the network.';
    case 'unreachable':
      return `${REACH}, and POSTGRES_HOST and POSTGRES_PORT (or both in POSTGRES_URL).`;
    case 'unknown':
      return `${REACH}, and the POSTGRES_ settings: host, port, database, user, password and POSTGRES_SSLMODE.`;
  }
}

/** What to do about a connection to MongoDB that did not come about, as a sentence. */
export function mongoAdvice(error: unknown): string {
  switch (obstacleOf(error)) {
    case 'access-denied':
      return 'Check the user name, the password and authSource in MONGODB_URI.';
    case 'untrusted':
      return 'Name the file with the authority that signed the certificate of the server in MONGODB_URI: tlsCAFile=….';
    case 'other-name':
      return 'Connect under a name that is in the certificate of the server: see the host in MONGODB_URI.';
    case 'expired':
      return 'Have the certificate of the server renewed, and check the clock of this machine.';
    case 'unknown-host':
      return 'Check the spelling of the host in MONGODB_URI, and the network.';
    default:
      return `${REACH}, and the address, replicaSet and credentials in MONGODB_URI.`;
  }
}

/** The most telling of the error and all that caused it: what comes last is nearest to the reason. */
function obstacleOf(error: unknown, depth = 0): Obstacle {
  if (!(error instanceof Error) || depth > 5) return 'unknown';
  const deeper = [
    error.cause,
    ...(error instanceof AggregateError ? (error.errors as unknown[]) : []),
    ...serverErrorsOf(error),
  ];
  for (const cause of deeper) {
    const found = obstacleOf(cause, depth + 1);
    if (found !== 'unknown') return found;
  }
  const code = 'code' in error ? String(error.code) : '';
  if (/does not support SSL connections/.test(error.message)) return 'no-tls';
  return OBSTACLES[code] ?? 'unknown';
}

/** The MongoDB driver keeps why it could not choose a server in a description of each server. */
function serverErrorsOf(error: Error): unknown[] {
  const reason: unknown = 'reason' in error ? error.reason : undefined;
  const servers: unknown =
    typeof reason === 'object' && reason !== null && 'servers' in reason ? reason.servers : undefined;
  if (!(servers instanceof Map)) return [];
  return [...servers.values()].map((server: unknown) =>
    typeof server === 'object' && server !== null && 'error' in server ? server.error : undefined,
  );
}

import { isIP } from 'node:net';
import { connect, TLSSocket, type PeerCertificate } from 'node:tls';
import type { MongoConnection } from '../stores/mongo/connection.js';
import type { PostgresConnection, PostgresSettings } from '../stores/postgres/connection.js';
import type { CheckProblem, CheckResult } from '../model/doctor-check.js';
import { isLoopback } from '../model/address.js';
import { verdict, warning } from './verdict.js';

/** How a connection is encrypted, as far as this end can see. */
export interface Encryption {
  /** `TLSv1.3`; null where the library does not say. */
  readonly protocol: string | null;
  readonly certificate: {
    readonly subject: string;
    readonly issuer: string;
    /** Milliseconds since 1970. */
    readonly validUntil: number;
  } | null;
}

/** Describes an open TLS connection. The certificate's texts are hostile: anybody may have written them. */
function encryptionOf(socket: TLSSocket): Encryption {
  const certificate = socket.getPeerCertificate();
  const protocol = socket.getProtocol();
  if (Object.keys(certificate).length === 0) return { protocol, certificate: null };
  const { subject, issuer, valid_to } = certificate;
  const validUntil = Date.parse(valid_to);
  return { protocol, certificate: { subject: nameOf(subject), issuer: nameOf(issuer), validUntil } };
}

function nameOf(name: PeerCertificate['subject']): string {
  return Object.entries(name)
    .map(([attribute, value]) => `${attribute}=${[value].flat().join('+')}`)
    .reverse()
    .join(', ');
}

/** Null for a connection without encryption. */
export function postgresEncryption({ session }: PostgresConnection): Encryption | null {
  const { stream } = session.connection;
  return stream instanceof TLSSocket ? encryptionOf(stream) : null;
}

export interface MongoTls {
  readonly hosts: readonly string[];
  readonly demand: 'plain' | 'encrypted' | 'trusted' | 'verified';
}

export function mongoTls({ client }: MongoConnection): MongoTls {
  const { hosts, rejectUnauthorized, tlsAllowInvalidHostnames, checkServerIdentity } = client.options;
  // The type lacks undefined, but the option is absent unless something sets it.
  const tls: boolean | undefined = client.options.tls;
  const namesIgnored = tlsAllowInvalidHostnames || checkServerIdentity !== undefined;
  const checked = namesIgnored ? 'trusted' : 'verified';
  return {
    hosts: hosts.map(({ host, socketPath }) => socketPath ?? host ?? ''),
    demand: !tls ? 'plain' : rejectUnauthorized === false ? 'encrypted' : checked,
  };
}

/** Looks at the server's certificate over a connection of its own. */
export async function askMongoCertificate({ client }: MongoConnection, limitMs: number): Promise<Encryption> {
  const address = client.options.hosts[0];
  const host = address?.host ?? '';
  const { ca, cert, key } = client.options;
  const socket = connect({
    host,
    port: address?.port ?? 27017,
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    // This connection only looks and sends nothing; the driver's own are as strict as the settings demand.
    rejectUnauthorized: false,
    timeout: limitMs,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
      socket.once('timeout', () => {
        reject(new Error('no answer'));
      });
    });
    return encryptionOf(socket);
  } finally {
    socket.destroy();
  }
}

const DAY_MS = 86_400_000;
/** Time enough to get a new certificate in an orderly way. */
const SOON_DAYS = 21;

type Demand = MongoTls['demand'];

/** What to set for an encrypted connection, and for a verified one. */
const MONGO_REMEDIES = {
  encrypt: 'Add tls=true to MONGODB_URI.',
  verify:
    'Take tlsAllowInvalidCertificates, tlsAllowInvalidHostnames and tlsInsecure out of MONGODB_URI; name the authority with tlsCAFile where it is one of your own.',
};
const VERIFY_FULL =
  'Set POSTGRES_SSLMODE=verify-full, and POSTGRES_SSLROOTCERT where the authority is one of your own.';
const POSTGRES_REMEDIES = { encrypt: VERIFY_FULL, verify: VERIFY_FULL };
const DEMANDS: Readonly<Record<PostgresSettings['ssl'], Demand>> = {
  disable: 'plain',
  require: 'encrypted',
  'verify-ca': 'trusted',
  'verify-full': 'verified',
};

/** @param encryption null if the connection of its own failed */
export function judgeMongoEncryption(tls: MongoTls, encryption: Encryption | null, now: number): CheckResult {
  const { found, problems } = judgeEncryption(tls.demand, tls.hosts, encryption, MONGO_REMEDIES, now);
  return verdict(found, problems);
}

export function judgePostgresEncryption(
  { host, ssl, sslRootCert }: Pick<PostgresSettings, 'host' | 'ssl' | 'sslRootCert'>,
  encryption: Encryption | null,
  now: number,
): CheckResult {
  const { found, problems } = judgeEncryption(DEMANDS[ssl], [host], encryption, POSTGRES_REMEDIES, now);
  // Everybody can get a certificate for some name from a public authority.
  const anybody =
    'verify-ca without POSTGRES_SSLROOTCERT trusts every certificate of a public authority, for any name';
  const trusting = ssl === 'verify-ca' && sslRootCert === undefined ? [warning(anybody, VERIFY_FULL)] : [];
  return verdict(found, [...problems, ...trusting]);
}

function judgeEncryption(
  demand: Demand,
  hosts: readonly string[],
  encryption: Encryption | null,
  remedies: typeof MONGO_REMEDIES,
  now: number,
): { readonly found: string; readonly problems: readonly CheckProblem[] } {
  const local = hosts.every(isLoopback);
  if (demand === 'plain') {
    if (local) return { found: 'not encrypted, and does not leave this machine', problems: [] };
    const exposed =
      'everybody on the way to the server can read the password and the rows, and change what is written';
    return { found: 'not encrypted', problems: [warning(exposed, remedies.encrypt)] };
  }
  const seen = encryption === null ? 'encrypted' : describe(encryption, now);
  const problems: CheckProblem[] = [];
  if (demand === 'encrypted' && !local) {
    const believed = 'any server that answers at that address is believed: the certificate is not checked';
    problems.push(warning(believed, remedies.verify));
  }
  if (encryption?.certificate) problems.push(...judgeExpiry(encryption.certificate.validUntil, now, demand));
  return { found: `${seen}; ${CHECKED[demand]}`, problems };
}

const CHECKED = {
  encrypted: 'the certificate is not checked',
  trusted: 'issued by a trusted authority, the name in it is not compared',
  verified: 'issued by a trusted authority for this very name',
} as const;

function describe({ protocol, certificate }: Encryption, now: number): string {
  const shown = protocol ?? 'encrypted';
  if (certificate === null) return `${shown}, without a certificate`;
  const { subject, issuer, validUntil } = certificate;
  const until = Number.isNaN(validUntil) ? '' : `, valid for ${Math.floor((validUntil - now) / DAY_MS)} days`;
  return `${shown}, certificate of ${subject} by ${issuer}${until}`;
}

function judgeExpiry(validUntil: number, now: number, demand: Demand): CheckProblem[] {
  const days = Math.floor((validUntil - now) / DAY_MS);
  if (Number.isNaN(days) || days >= SOON_DAYS) return [];
  const renew = 'Have it renewed on the server.';
  if (days >= 0) return [warning(`the certificate expires in ${days} days`, renew)];
  const consequence = demand === 'encrypted' ? ', which only goes unnoticed because nobody checks' : '';
  return [warning(`the certificate expired ${-days} days ago${consequence}`, renew)];
}

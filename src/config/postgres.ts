import { isIP } from 'node:net';
import { isLoopback } from '../model/address.js';
import { hasHostileCharacter } from '../model/text.js';
import type { Complaints } from './complaint.js';
import { nearest } from './did-you-mean.js';
import { splitPostgresUrl, type PostgresPart, type PostgresParts } from './postgres-url.js';
import type { Variable, Variables } from './variables.js';

/** The encryption that a connection must have, weakest first; the meanings are libpq's. */
export const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full'] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** `password` is a credential and must not be shown. */
export interface PostgresConfiguration {
  /** A host name, an IP address without brackets, or the directory of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly ssl: SslMode;
  /** A file of certificates to trust instead of the system's. */
  readonly sslRootCert: string | undefined;
  /** Where all this comes from, in sentences. */
  readonly origin?: string;
}

const NAMES = {
  host: 'POSTGRES_HOST',
  port: 'POSTGRES_PORT',
  database: 'POSTGRES_DB',
  user: 'POSTGRES_USER',
  password: 'POSTGRES_PASSWORD',
  sslMode: 'POSTGRES_SSLMODE',
  sslRootCert: 'POSTGRES_SSLROOTCERT',
} as const satisfies Record<PostgresPart, Variable>;
const DEFAULT_PORT = '5432';

/** Validates POSTGRES_URL, or the variables that replace it. */
export function parsePostgres(
  variables: Variables,
  complaints: Complaints,
): PostgresConfiguration | undefined {
  const url = variables.get('POSTGRES_URL');
  const origin = variables.originOf(['POSTGRES_URL', ...Object.values(NAMES)]);
  if (url === undefined) {
    const parsed = parseParts(
      {
        host: variables.require('POSTGRES_HOST', complaints),
        port: variables.get('POSTGRES_PORT'),
        database: variables.require('POSTGRES_DB', complaints),
        user: variables.require('POSTGRES_USER', complaints),
        password: variables.get('POSTGRES_PASSWORD'),
        sslMode: variables.get('POSTGRES_SSLMODE'),
        sslRootCert: variables.get('POSTGRES_SSLROOTCERT'),
      },
      (part) => NAMES[part],
      complaints,
    );
    return parsed && { ...parsed, origin };
  }
  const beside = Object.values(NAMES).filter((name) => variables.get(name) !== undefined);
  if (beside.length > 0)
    complaints.add('POSTGRES_URL', `is set, and so is ${beside.join(', ')}; use one or the other`);
  const parts = splitPostgresUrl(url, complaints);
  const parsed = parts && parseParts(parts, (part) => `POSTGRES_URL (${part})`, complaints);
  return parsed && { ...parsed, origin };
}

function parseParts(
  parts: PostgresParts,
  nameOf: (part: PostgresPart) => string,
  complaints: Complaints,
): PostgresConfiguration | undefined {
  const { host, port = DEFAULT_PORT, database, user, password, sslMode, sslRootCert } = parts;
  const complain = (part: PostgresPart, problem: string): void => {
    complaints.add(nameOf(part), problem);
  };
  if (host !== undefined && !isHost(host))
    complain('host', 'must be a host name, an IP address or the directory of a Unix socket');
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65_535)
    complain('port', 'must be a number from 1 to 65535');
  if (database !== undefined && !isName(database))
    complain('database', 'is no name of a PostgreSQL database');
  if (user !== undefined && !isName(user)) complain('user', 'is no name of a PostgreSQL role');
  if (password?.includes('\0')) complain('password', 'holds a NUL character');
  if (sslRootCert !== undefined && hasHostileCharacter(sslRootCert))
    complain('sslRootCert', 'is no file name');
  const ssl = sslMode === undefined ? defaultSslMode(host) : SSL_MODES.find((mode) => mode === sslMode);
  if (ssl === undefined && sslMode !== undefined) complain('sslMode', sslModeProblem(sslMode));
  if (host === undefined || database === undefined || user === undefined || ssl === undefined)
    return undefined;
  return { host, port: Number(port), database, user, password, ssl, sslRootCert };
}

/** A connection that leaves the machine is verified by default. */
function defaultSslMode(host: string | undefined): SslMode {
  return host !== undefined && isLoopback(host) ? 'disable' : 'verify-full';
}

function sslModeProblem(mode: string): string {
  const allowed = `must be one of ${SSL_MODES.join(', ')}`;
  // Where the server has no encryption, these would silently go on without.
  if (mode === 'prefer' || mode === 'allow')
    return `${allowed}; use require instead of what may stay unencrypted`;
  const meant = nearest(mode, SSL_MODES);
  return meant === undefined ? allowed : `${allowed}; did you mean ${meant}?`;
}

function isHost(host: string): boolean {
  if (host.startsWith('/')) return !hasHostileCharacter(host);
  return isIP(host) !== 0 || /^[a-z0-9_]([a-z0-9._-]{0,252})$/i.test(host);
}

/** PostgreSQL cuts longer names off silently, which could name another database. */
function isName(name: string): boolean {
  return !hasHostileCharacter(name) && Buffer.byteLength(name) <= 63;
}

import type { MongoTls } from '../stores/mongo/server.js';
import type { Encryption } from '../stores/peer-certificate.js';
import type { PostgresSettings } from '../stores/postgres/connection.js';
import type { CheckProblem, CheckResult } from '../model/check.js';
import { isLoopback } from '../model/address.js';
import { verdict, warning } from './verdict.js';

const DAY_MS = 86_400_000;
/** Time enough to get a new certificate in an orderly way. */
const SOON_DAYS = 21;

type Demand = MongoTls['demand'];

/** How to ask for more, in words of the store's own settings. */
interface Settings {
  readonly encrypt: string;
  readonly verify: string;
}

const MONGO_SETTINGS: Settings = {
  encrypt: 'Add tls=true to MONGODB_URI.',
  verify:
    'Take tlsAllowInvalidCertificates, tlsAllowInvalidHostnames and tlsInsecure out of MONGODB_URI; name the authority with tlsCAFile where it is one of your own.',
};
const POSTGRES_SETTINGS: Settings = {
  encrypt:
    'Set POSTGRES_SSLMODE=verify-full, and POSTGRES_SSLROOTCERT where the authority is one of your own.',
  verify:
    'Set POSTGRES_SSLMODE=verify-full, and POSTGRES_SSLROOTCERT where the authority is one of your own.',
};

/** @param encryption what a connection of its own found; undefined where that did not come about */
export function judgeMongoEncryption(
  { hosts, demand }: MongoTls,
  encryption: Encryption | undefined,
  now: number,
): CheckResult {
  return judgeEncryption(demand, hosts, encryption, MONGO_SETTINGS, now);
}

export function judgePostgresEncryption(
  { host, ssl, sslRootCert }: Pick<PostgresSettings, 'host' | 'ssl' | 'sslRootCert'>,
  encryption: Encryption | null,
  now: number,
): CheckResult {
  const result = judgeEncryption(demandOf(ssl), [host], encryption ?? undefined, POSTGRES_SETTINGS, now);
  // Among the public authorities anybody gets a certificate, for some name.
  if (ssl !== 'verify-ca' || sslRootCert !== undefined) return result;
  const anybody = warning(
    'verify-ca without POSTGRES_SSLROOTCERT trusts every certificate of a public authority, whatever name it is for',
    POSTGRES_SETTINGS.verify,
  );
  if (result.status === 'not-made') return result;
  return verdict(result.found, result.status === 'passed' ? [anybody] : [...result.problems, anybody]);
}

function demandOf(ssl: PostgresSettings['ssl']): Demand {
  switch (ssl) {
    case 'disable':
      return 'plain';
    case 'require':
      return 'encrypted';
    case 'verify-ca':
      return 'trusted';
    case 'verify-full':
      return 'verified';
  }
}

function judgeEncryption(
  demand: Demand,
  hosts: readonly string[],
  encryption: Encryption | undefined,
  settings: Settings,
  now: number,
): CheckResult {
  const local = hosts.every(isLoopback);
  const seen = encryption === undefined ? 'encrypted' : describe(encryption, now);
  const problems: CheckProblem[] = [];
  if (encryption?.certificate) problems.push(...judgeExpiry(encryption.certificate.validUntil, now, demand));
  switch (demand) {
    case 'plain':
      return local
        ? verdict('not encrypted, and does not leave this machine')
        : verdict('not encrypted', [
            warning(
              'everybody on the way to the server can read the password and the rows, and change what is written',
              settings.encrypt,
            ),
          ]);
    case 'encrypted':
      if (!local)
        problems.unshift(
          warning(
            'whoever answers at that address is believed: the certificate is not checked',
            settings.verify,
          ),
        );
      return verdict(`${seen}; the certificate is not checked`, problems);
    case 'trusted':
      return verdict(`${seen}; issued by a trusted authority, the name in it is not compared`, problems);
    case 'verified':
      return verdict(`${seen}; issued by a trusted authority for this very name`, problems);
  }
}

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

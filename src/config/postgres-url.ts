import type { Complaints } from './complaint.js';
import { nearest } from './did-you-mean.js';
import type { PostgresParts } from './postgres.js';

const PARAMETERS = ['sslmode', 'sslrootcert'];
const WHERE = 'POSTGRES_URL';

/**
 * Takes a POSTGRES_URL apart. A mistyped one may hold a piece of the password anywhere (an unencoded `?`, `#` or `/`
 * in it moves the rest elsewhere), so no complaint quotes any of it.
 */
export function splitPostgresUrl(text: string, complaints: Complaints): PostgresParts | undefined {
  const url = urlOf(text);
  const problems =
    url === undefined
      ? ['is no URL of the form postgres://user:password@host:port/database']
      : problemsOf(url);
  for (const problem of problems) complaints.add(WHERE, problem);
  if (url === undefined || problems.length > 0) return undefined;
  return {
    host: decoded(url.hostname)?.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : url.port,
    database: decoded(url.pathname.slice(1)),
    user: decoded(url.username),
    password: url.password === '' ? undefined : decoded(url.password),
    sslMode: url.searchParams.get('sslmode') ?? undefined,
    sslRootCert: url.searchParams.get('sslrootcert') ?? undefined,
  };
}

function urlOf(text: string): URL | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return undefined;
  try {
    return new URL(text);
  } catch {
    // Not kept as a cause: the error of `new URL` holds the whole text.
    return undefined;
  }
}

function problemsOf(url: URL): string[] {
  const problems = [];
  if (url.hostname === '') problems.push('names no host');
  if (url.username === '') problems.push('names no user');
  if (url.pathname.length < 2) problems.push('names no database');
  if (url.pathname.slice(1).includes('/'))
    problems.push('has a / too many; write %2F for one in a name or password');
  if (url.hash !== '') problems.push('has a #; write %23 for one in a name or password');
  if ([url.hostname, url.username, url.password, url.pathname].some((part) => decoded(part) === undefined))
    problems.push('has a % that begins no escape; write %25');
  for (const name of new Set(url.searchParams.keys())) {
    if (!PARAMETERS.includes(name)) problems.push(unknownParameter(name));
    else if (url.searchParams.getAll(name).length > 1) problems.push(`has ${name} more than once`);
  }
  return problems;
}

function unknownParameter(name: string): string {
  const meant = nearest(name, PARAMETERS);
  const known = `has a parameter besides ${PARAMETERS.join(' and ')}`;
  return meant === undefined
    ? `${known}; write %3F for a ? in a password`
    : `${known}; did you mean ${meant}?`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

import type { Complaints } from './complaint.js';
import { nearest } from './did-you-mean.js';

/** The parts of a connection as texts, not validated yet. */
export type PostgresParts = Readonly<Record<PostgresPart, string | undefined>>;
export type PostgresPart = 'host' | 'port' | 'database' | 'user' | 'password' | 'sslMode' | 'sslRootCert';

const PARAMETERS = ['sslmode', 'sslrootcert'];
/** Parameters of other tools. Only these may be quoted: anything else after a `?` may be a piece of a password. */
const OF_OTHER_TOOLS = new Set(
  (
    'schema pgbouncer connection_limit pool_timeout connect_timeout socket_timeout max_idle_connection_lifetime ' +
    'statement_cache_size sslidentity sslpassword sslaccept sslcert sslkey sslcrl ssl sslnegotiation channel_binding ' +
    'gssencmode application_name ApplicationName fallback_application_name options client_encoding ' +
    'target_session_attrs load_balance_hosts keepalives keepalives_idle tcp_user_timeout passfile service ' +
    'require_auth search_path currentSchema prepareThreshold preparedStatementCacheQueries stringtype ' +
    'reWriteBatchedInserts statement_timeout query_timeout lock_timeout idle_in_transaction_session_timeout ' +
    'statement_cache_capacity statement_cache_mode default_query_exec_mode pool_max_conns pool_min_conns ' +
    'prepared_statement_cache_size uselibpqcompat workaround host port user password dbname'
  ).split(' '),
);
const WHERE = 'POSTGRES_URL';

const NOTHING_ELSE = `only ${PARAMETERS.join(' and ')} may follow the ?`;
const IN_MAPPING = 'the schema stands in mapping.postgres of fix-roles.config.json';
const BEFORE = 'it stands before the ?: postgres://user:password@host:port/database';
const INSTEAD: Readonly<Record<string, string>> = {
  schema: IN_MAPPING,
  currentSchema: IN_MAPPING,
  search_path: IN_MAPPING,
  ssl: 'and say sslmode=… instead',
  host: BEFORE,
  port: BEFORE,
  user: BEFORE,
  password: BEFORE,
  dbname: BEFORE,
};

/**
 * Takes a POSTGRES_URL apart. An unencoded `?`, `#` or `/` moves a piece of the password elsewhere, so a complaint must
 * quote nothing of the URL but well-known parameters.
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
    // The error of `new URL` must not become a cause: it holds the whole text.
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
  if (OF_OTHER_TOOLS.has(name))
    return `has ${name}, which is for other tools: take it out, ${INSTEAD[name] ?? NOTHING_ELSE}`;
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

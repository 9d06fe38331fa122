import { ConnectionString } from 'mongodb-connection-string-url';
import { hasHostileCharacter } from '../model/text.js';
import type { Complaints } from './complaint.js';
import type { Variables } from './variables.js';

/** `uri` holds a credential and must not be shown. */
export interface MongoConfiguration {
  readonly uri: string;
  readonly database: string;
  /** Where the two come from, in sentences. */
  readonly origin?: string;
}

/** MongoDB allows no other character in the name of a database. */
const DATABASE_NAME = /^[^/\\. "$*<>:|?]+$/;
const DATABASE_NAME_MAX_BYTES = 63;

export function parseMongo(variables: Variables, complaints: Complaints): MongoConfiguration | undefined {
  const uri = variables.require('MONGODB_URI', complaints);
  const database = variables.require('DB_NAME', complaints);
  const uriProblem = uri === undefined ? undefined : problemOfUri(uri);
  if (uriProblem !== undefined) complaints.add('MONGODB_URI', uriProblem);
  if (database !== undefined && !isDatabaseName(database))
    complaints.add('DB_NAME', 'is no name of a MongoDB database');
  const origin = variables.originOf(['MONGODB_URI', 'DB_NAME']);
  return uri === undefined || database === undefined ? undefined : { uri, database, origin };
}

/** The parser's own messages must not be used: some quote what it takes for the user name. */
function problemOfUri(uri: string): string | undefined {
  if (!/^mongodb(\+srv)?:\/\//.test(uri)) return 'must begin with mongodb:// or mongodb+srv://';
  try {
    const { hosts } = new ConnectionString(uri);
    return hosts.every(isHost) ? undefined : 'has a host or port that is not one';
  } catch {
    return 'is no connection string; characters such as : / ? # [ ] @ % in a user name or password must be percent-encoded';
  }
}

function isHost(host: string): boolean {
  const port = /:(\d+)$/.exec(host)?.[1];
  const name = port === undefined ? host : host.slice(0, -port.length - 1);
  return /^([\w.-]+|\[[\da-f:.]+\]|[\w.-]*%2f[\w.%-]+)$/i.test(name) && (port === undefined || isPort(port));
}

function isPort(port: string): boolean {
  return Number(port) >= 1 && Number(port) <= 65_535;
}

function isDatabaseName(name: string): boolean {
  return (
    DATABASE_NAME.test(name) &&
    !hasHostileCharacter(name) &&
    Buffer.byteLength(name) <= DATABASE_NAME_MAX_BYTES
  );
}

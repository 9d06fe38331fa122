import { hostname, platform, release, totalmem } from 'node:os';
import { Long, ObjectId } from 'bson';
import { type Doc, isDoc, MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES } from '../documents.js';
import { CommandError } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { toTimestamp } from '../cluster-clock.js';

const VERSION = '7.0.0';
const WIRE_VERSION = 21;
const SET_NAME = 'rs0';
const ELECTION = new ObjectId('7fffffff0000000000000001');

function membership({ deployment }: Operation): Doc {
  if (deployment.topology === 'standalone') return {};
  const { address } = deployment;
  return {
    setName: SET_NAME,
    setVersion: 1,
    secondary: false,
    hosts: [address],
    primary: address,
    me: address,
    electionId: ELECTION,
    lastWrite: {
      opTime: { ts: toTimestamp(deployment.clock.now()), t: Long.ONE },
      lastWriteDate: new Date(),
    },
  };
}

function hello(operation: Operation): Doc {
  return {
    helloOk: true,
    [operation.name === 'hello' ? 'isWritablePrimary' : 'ismaster']: true,
    ...membership(operation),
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    maxMessageSizeBytes: MAX_MESSAGE_BYTES,
    maxWriteBatchSize: 100_000,
    localTime: new Date(),
    logicalSessionTimeoutMinutes: 30,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

function buildInfo(): Doc {
  return {
    version: VERSION,
    versionArray: [7, 0, 0, 0],
    gitVersion: 'fix-roles-stand-in',
    modules: ['fix-roles stand-in: an in-memory imitation, not MongoDB'],
    storageEngines: ['fix-roles-in-memory'],
    maxBsonObjectSize: MAX_DOCUMENT_BYTES,
    ok: 1,
  };
}

function serverStatus({ deployment }: Operation): Doc {
  return {
    host: deployment.address,
    version: VERSION,
    process: 'fix-roles-stand-in',
    pid: process.pid,
    uptime: Math.floor((Date.now() - deployment.startedAt) / 1000),
    localTime: new Date(),
    connections: deployment.connections,
    transactions: { currentOpen: deployment.sessions.openTransactions().length },
    storageEngine: { name: 'fix-roles-in-memory', persistent: false },
    ok: 1,
  };
}

function knownParameters({ deployment }: Operation): Doc {
  return { ...deployment.parameters, featureCompatibilityVersion: { version: '7.0' } };
}

function getParameter(operation: Operation): Doc {
  const known = knownParameters(operation);
  const wanted = operation.args.fields.getParameter;
  const all = wanted === '*' || (isDoc(wanted) && wanted.allParameters === true);
  const found = Object.entries(known).filter(([name]) => all || operation.args.has(name));
  if (found.length === 0) throw new CommandError(72, 'no option found to get');
  return { ...Object.fromEntries(found), ok: 1 };
}

function setParameter({ args, deployment }: Operation): Doc {
  const before = deployment.parameters.transactionLifetimeLimitSeconds;
  const seconds = args.integer('transactionLifetimeLimitSeconds', 0);
  if (seconds < 1) throw new CommandError(2, 'transactionLifetimeLimitSeconds must be at least 1');
  deployment.parameters.transactionLifetimeLimitSeconds = seconds;
  return { was: before, ok: 1 };
}

function hostInfo(): Doc {
  return {
    system: { currentTime: new Date(), hostname: hostname(), memSizeMB: Math.round(totalmem() / 2 ** 20) },
    os: { type: platform(), name: platform(), version: release() },
    ok: 1,
  };
}

const NO_USERS = { authenticatedUsers: [], authenticatedUserRoles: [], authenticatedUserPrivileges: [] };

function replicaSetStatus({ deployment }: Operation): Doc {
  if (deployment.topology === 'standalone') throw new CommandError(76, 'not running with --replSet');
  const self = { _id: 0, name: deployment.address, health: 1, state: 1, stateStr: 'PRIMARY', self: true };
  return { set: SET_NAME, date: new Date(), myState: 1, members: [self], ok: 1 };
}

const helloCommand = { fields: ['*'], run: hello };
const buildInfoCommand = { fields: [], run: buildInfo };

export const diagnosticCommands: Readonly<Record<string, CommandDefinition>> = {
  hello: helloCommand,
  isMaster: helloCommand,
  ismaster: helloCommand,
  ping: { fields: [], run: () => ({ ok: 1 }) },
  buildInfo: buildInfoCommand,
  buildinfo: buildInfoCommand,
  serverStatus: { fields: ['*'], run: serverStatus },
  hostInfo: { fields: [], run: hostInfo },
  getParameter: { fields: ['*'], run: getParameter },
  setParameter: { fields: ['transactionLifetimeLimitSeconds'], run: setParameter },
  connectionStatus: { fields: ['showPrivileges'], run: () => ({ authInfo: NO_USERS, ok: 1 }) },
  replSetGetStatus: { fields: [], run: replicaSetStatus },
};

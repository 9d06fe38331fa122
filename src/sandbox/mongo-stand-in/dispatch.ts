import { Binary } from 'bson';
import { Arguments } from './arguments.js';
import { toTimestamp } from './cluster-clock.js';
import { COMMANDS, TRANSACTION_ENDINGS } from './commands/index.js';
import type { Deployment } from './deployment.js';
import type { Doc } from './documents.js';
import { asCommandError, CommandError } from './errors.js';
import { type CommandDefinition, Operation } from './operation.js';
import { encodeReplyDocument, type Reply } from './reply.js';
import { type Session, sessionId } from './session.js';
import type { Transaction } from './transaction.js';
import type { Message } from './wire.js';

/** Fields that any command may have. Preferences are met anyway where there is one server that holds all. */
const COMMON_FIELDS = [
  '$db',
  'lsid',
  'txnNumber',
  'autocommit',
  'startTransaction',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'maxTimeMS',
  'comment',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'stmtId',
  'stmtIds',
];

/** Runs a command and gives the bytes of its reply; an error is a reply too. */
export async function answer(deployment: Deployment, message: Message): Promise<Uint8Array> {
  const view = message.view();
  let reply: Reply;
  try {
    reply = await run(deployment, view, () => message.typed());
  } catch (error) {
    reply = asCommandError(error).toReply();
  }
  return encodeReplyDocument(reply, timesOf(deployment));
}

function timesOf(deployment: Deployment): Doc {
  if (deployment.topology === 'standalone') return {};
  const clusterTime = toTimestamp(deployment.clock.now());
  const signature = { hash: new Binary(Buffer.alloc(20)), keyId: 0n };
  return { operationTime: clusterTime, $clusterTime: { clusterTime, signature } };
}

/** Runs a command given as a document; `typed` gives the same with all numbers in their BSON types. */
export async function run(deployment: Deployment, command: Doc, typed: () => Doc): Promise<Reply> {
  const name = Object.keys(command)[0] ?? '';
  const definition = COMMANDS.get(name);
  if (definition === undefined) throw new CommandError(59, `no such command: '${name}'`);
  const args = new Arguments(name, command);
  if (!args.has('$db')) throw new CommandError(40571, 'OP_MSG requests require a $db argument');
  // The handshake is open to new fields by its specification.
  if (!definition.fields.includes('*')) args.allowOnly([name, ...COMMON_FIELDS, ...definition.fields]);
  const operation = new Operation(
    deployment,
    { name, database: args.string('$db'), args, typed },
    sessionOf(deployment, args),
  );
  if (!args.has('txnNumber')) {
    if (args.has('autocommit') || args.has('startTransaction') || TRANSACTION_ENDINGS.includes(name)) {
      throw new CommandError(72, `'${name}' with these fields requires a transaction number`);
    }
    if (definition.snapshotReads === true) operation.chooseSnapshot();
    else if (args.document('readConcern').level === 'snapshot') {
      throw new CommandError(72, `${name} does not support read concern snapshot outside a transaction`);
    }
    return await definition.run(operation);
  }
  return await runNumbered(operation, definition);
}

function sessionOf(deployment: Deployment, args: Arguments): Session | undefined {
  if (!args.has('lsid')) return undefined;
  return deployment.sessions.get(sessionId(args.document('lsid')));
}

async function runNumbered(operation: Operation, definition: CommandDefinition): Promise<Reply> {
  const { args, session, deployment, name } = operation;
  if (deployment.topology === 'standalone') {
    throw new CommandError(20, 'Transaction numbers are only allowed on a replica set member or mongos');
  }
  if (session === undefined)
    throw new CommandError(72, 'Transaction number requires a session ID to also be specified');
  const number = args.integer('txnNumber', -1);
  return await session.inTurn(async () => {
    if (session.killed.aborted) throw asCommandError(session.killed.reason);
    if (args.boolean('autocommit', true)) {
      if (definition.retryable !== true) {
        throw new CommandError(
          50768,
          `${name} is not supported with a transaction number outside a transaction`,
        );
      }
      operation.outcomes = session.retryableWrite(number);
      return await definition.run(operation);
    }
    if (TRANSACTION_ENDINGS.includes(name)) {
      operation.transaction = session.continueTransaction(number);
      return await definition.run(operation);
    }
    if (definition.inTransaction !== true) {
      throw new CommandError(263, `Cannot run '${name}' in a multi-document transaction.`);
    }
    operation.transaction = args.boolean('startTransaction', false)
      ? session.startTransaction(number, deployment.clock.now())
      : session.continueTransaction(number);
    return await runInTransaction(operation, definition, operation.transaction);
  });
}

async function runInTransaction(
  operation: Operation,
  definition: CommandDefinition,
  transaction: Transaction,
): Promise<Reply> {
  if (transaction.state === 'committed') {
    throw new CommandError(256, `Transaction ${transaction.number} has been committed.`);
  }
  try {
    const reply = await definition.run(operation);
    // Also errors that are listed for single statements end a transaction.
    if ('writeErrors' in reply) transaction.abort();
    return reply;
  } catch (error) {
    transaction.abort();
    throw error;
  }
}

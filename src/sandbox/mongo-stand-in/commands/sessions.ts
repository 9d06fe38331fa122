import { randomUUID } from 'node:crypto';
import { UUID } from 'bson';
import type { Doc } from '../documents.js';
import { CommandError, noSuchTransaction } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { sessionId } from '../session.js';

function commitTransaction({ transaction, deployment }: Operation): Doc {
  if (transaction === undefined) throw noSuchTransaction('there is no transaction to commit');
  // A client that does not know whether its commit arrived commits again.
  if (transaction.state === 'open') transaction.commit(deployment.clock);
  return { ok: 1 };
}

function abortTransaction({ transaction }: Operation): Doc {
  if (transaction?.state === 'committed') {
    throw new CommandError(256, `Transaction ${transaction.number} has been committed.`);
  }
  transaction?.abort();
  return { ok: 1 };
}

function startSession({ deployment }: Operation): Doc {
  const id = new UUID(randomUUID());
  deployment.sessions.get(sessionId({ id }));
  return { id: { id }, timeoutMinutes: 30, ok: 1 };
}

/** Ends the sessions at once, whoever uses them: what is open in them is aborted and closed. */
function killSessions({ args, name, deployment }: Operation): Doc {
  for (const lsid of args.list(name)) {
    const session = deployment.sessions.find(sessionId(lsid));
    if (session !== undefined) deployment.killSession(session);
  }
  return { ok: 1 };
}

function refreshSessions({ args, name, deployment }: Operation): Doc {
  for (const lsid of args.list(name)) deployment.sessions.get(sessionId(lsid));
  return { ok: 1 };
}

export const sessionCommands: Readonly<Record<string, CommandDefinition>> = {
  startSession: { fields: [], run: startSession },
  endSessions: { fields: [], run: killSessions },
  killSessions: { fields: [], run: killSessions },
  refreshSessions: { fields: [], run: refreshSessions },
  commitTransaction: { fields: ['recoveryToken'], inTransaction: true, run: commitTransaction },
  abortTransaction: { fields: ['recoveryToken'], inTransaction: true, run: abortTransaction },
};

import { Arguments } from '../arguments.js';
import { changeMatching, insertDocument } from '../document-writes.js';
import { type Doc, isDoc } from '../documents.js';
import { asCommandError, CommandError, notImplemented } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { applyUpdate, fieldsFixedBy } from '../update-operators.js';

interface StatementResult {
  readonly n: number;
  readonly modified: number;
  readonly upsertedId?: unknown;
}

interface Outcome {
  n: number;
  nModified: number;
  readonly upserted: Doc[];
  readonly writeErrors: Doc[];
  readonly retriedStmtIds: number[];
}

function isResult(value: object): value is StatementResult {
  return 'n' in value && 'modified' in value;
}

/** Runs statements in order, each at most once per retryable write, and collects what they did. */
async function runStatements(
  operation: Operation,
  statements: readonly Doc[],
  runOne: (statement: Doc, index: number) => Promise<StatementResult>,
): Promise<Outcome> {
  const { args, outcomes } = operation;
  const ordered = args.boolean('ordered', true);
  const ids = args.has('stmtIds') ? args.list('stmtIds') : undefined;
  const outcome: Outcome = { n: 0, nModified: 0, upserted: [], writeErrors: [], retriedStmtIds: [] };
  for (const [index, statement] of statements.entries()) {
    const id = Number(ids?.[index] ?? args.integer('stmtId', 0) + index);
    const known = outcomes?.get(id);
    try {
      const result = known !== undefined && isResult(known) ? known : await runOne(statement, index);
      if (known === undefined) outcomes?.set(id, result);
      else outcome.retriedStmtIds.push(id);
      outcome.n += result.n;
      outcome.nModified += result.modified;
      if ('upsertedId' in result) outcome.upserted.push({ index, _id: result.upsertedId });
    } catch (error) {
      const failure = asCommandError(error);
      if (failure.endsCommand) throw failure;
      outcome.writeErrors.push(failure.toWriteError(index));
      if (ordered || operation.transaction !== undefined) break;
    }
  }
  return outcome;
}

function toReply(outcome: Outcome, isUpdate = false): Doc {
  const { n, nModified, upserted, writeErrors, retriedStmtIds } = outcome;
  return {
    n,
    ...(isUpdate ? { nModified } : {}),
    ...(upserted.length > 0 ? { upserted } : {}),
    ...(writeErrors.length > 0 ? { writeErrors } : {}),
    ...(retriedStmtIds.length > 0 ? { retriedStmtIds } : {}),
    ok: 1,
  };
}

/** The statements in BSON types. */
function typedStatements(operation: Operation, field: string): Doc[] {
  const statements = new Arguments(operation.name, operation.typed).documents(field);
  if (statements.length === 0) throw new CommandError(16, 'Write batch sizes must be between 1 and 100000.');
  return statements;
}

async function insert(operation: Operation): Promise<Doc> {
  const documents = typedStatements(operation, 'documents');
  const collection = operation.deployment.catalog.findOrCreate(
    operation.database,
    operation.args.string('insert'),
  );
  const outcome = await runStatements(operation, documents, async (document) => {
    await insertDocument(operation, collection, document);
    return { n: 1, modified: 0 };
  });
  return toReply(outcome);
}

/** Inserts what an upsert that found nothing makes of its filter and update; returns the document. */
export async function upsert(operation: Operation, typedFilter: Doc, update: unknown): Promise<Doc> {
  const { deployment, database, args, name } = operation;
  const collection = deployment.catalog.findOrCreate(database, args.string(name));
  const fixed = fieldsFixedBy(typedFilter);
  const isReplacement = isDoc(update) && Object.keys(update)[0]?.startsWith('$') !== true;
  const base = isReplacement && '_id' in fixed ? { _id: fixed._id } : isReplacement ? {} : fixed;
  return await insertDocument(operation, collection, applyUpdate(base, update, true));
}

async function updateOne(operation: Operation, statement: Doc, typed: Doc): Promise<StatementResult> {
  const args = new Arguments('update.updates', statement);
  args.allowOnly(['q', 'u', 'multi', 'upsert', 'hint']);
  const multi = args.boolean('multi', false);
  const isReplacement = isDoc(typed.u) && Object.keys(typed.u)[0]?.startsWith('$') !== true;
  if (multi && isReplacement)
    throw new CommandError(9, 'multi update is not supported for replacement-style update');
  const changes = await changeMatching(operation, operation.collection, {
    filter: args.document('q'),
    limit: multi ? 0 : 1,
    change: (before) => applyUpdate(before, typed.u, false),
  });
  if (changes.length === 0 && args.boolean('upsert', false)) {
    const inserted = await upsert(operation, isDoc(typed.q) ? typed.q : {}, typed.u);
    return { n: 1, modified: 0, upsertedId: inserted._id };
  }
  return { n: changes.length, modified: changes.filter(({ modified }) => modified).length };
}

async function update(operation: Operation): Promise<Doc> {
  const typed = typedStatements(operation, 'updates');
  const statements = operation.args.documents('updates');
  const outcome = await runStatements(operation, statements, (statement, index) =>
    updateOne(operation, statement, typed[index] ?? {}),
  );
  return toReply(outcome, true);
}

async function remove(operation: Operation): Promise<Doc> {
  const outcome = await runStatements(operation, operation.args.documents('deletes'), async (statement) => {
    const args = new Arguments('delete.deletes', statement);
    args.allowOnly(['q', 'limit', 'hint']);
    const limit = args.integer('limit', -1);
    if (limit !== 0 && limit !== 1)
      throw new CommandError(9, 'The limit field in delete objects must be 0 or 1.');
    const changes = await changeMatching(operation, operation.collection, {
      filter: args.document('q'),
      limit,
      change: () => null,
    });
    return { n: changes.length, modified: 0 };
  });
  return toReply(outcome);
}

const STATEMENTS = ['ordered', 'bypassDocumentValidation'];

export const writeCommands: Readonly<Record<string, CommandDefinition>> = {
  insert: { fields: ['documents', ...STATEMENTS], inTransaction: true, retryable: true, run: insert },
  update: { fields: ['updates', ...STATEMENTS], inTransaction: true, retryable: true, run: update },
  delete: { fields: ['deletes', ...STATEMENTS], inTransaction: true, retryable: true, run: remove },
  bulkWrite: {
    fields: ['*'],
    run: () => {
      throw notImplemented('the bulkWrite command of MongoDB 8');
    },
  },
};

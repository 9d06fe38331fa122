import { changeMatching } from '../document-writes.js';
import { type Doc, isDoc } from '../documents.js';
import { CommandError } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { compileProjection } from '../projection.js';
import { applyUpdate } from '../update-operators.js';
import { upsert } from './write.js';

async function findAndModify(operation: Operation): Promise<Doc> {
  const known = operation.outcomes?.get(operation.args.integer('stmtId', 0));
  if (known !== undefined) return { ...known };
  const reply = await modify(operation);
  operation.outcomes?.set(operation.args.integer('stmtId', 0), reply);
  return reply;
}

async function modify(operation: Operation): Promise<Doc> {
  const { args, typed } = operation;
  const remove = args.boolean('remove', false);
  if (remove === args.has('update'))
    throw new CommandError(9, "Either an update or 'remove' must be specified");
  const shown = compileProjection(args.document('fields')) ?? ((document: Doc) => document);
  const [change] = await changeMatching(operation, operation.collection, {
    filter: args.document('query'),
    sort: args.document('sort'),
    limit: 1,
    change: (before) => (remove ? null : applyUpdate(before, typed.update, false)),
  });
  const wantsNew = args.boolean('new', false);
  if (change !== undefined) {
    const value = wantsNew && change.after !== null ? change.after : change.before;
    const lastErrorObject = remove ? { n: 1 } : { n: 1, updatedExisting: true };
    return { lastErrorObject, value: shown(value), ok: 1 };
  }
  if (remove) return { lastErrorObject: { n: 0 }, value: null, ok: 1 };
  if (!args.boolean('upsert', false))
    return { lastErrorObject: { n: 0, updatedExisting: false }, value: null, ok: 1 };
  const inserted = await upsert(operation, isDoc(typed.query) ? typed.query : {}, typed.update);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: inserted._id },
    value: wantsNew ? shown(inserted) : null,
    ok: 1,
  };
}

const command: CommandDefinition = {
  fields: [
    'query',
    'sort',
    'remove',
    'update',
    'new',
    'fields',
    'upsert',
    'hint',
    'bypassDocumentValidation',
  ],
  inTransaction: true,
  retryable: true,
  run: findAndModify,
};

export const findAndModifyCommands: Readonly<Record<string, CommandDefinition>> = {
  findAndModify: command,
  findandmodify: command,
};

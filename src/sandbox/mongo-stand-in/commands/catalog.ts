import type { Collection } from '../collection.js';
import { CommandError } from '../errors.js';
import { compileFilter } from '../filter.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { CursorReply } from '../reply.js';
import { type Doc, encode } from '../documents.js';

function describe(collection: Collection): Doc {
  return {
    name: collection.name,
    type: 'collection',
    options: {},
    info: { readOnly: false, uuid: collection.uuid },
    idIndex: { v: 2, key: { _id: 1 }, name: '_id_' },
  };
}

function listCollections({ args, database, deployment }: Operation): CursorReply {
  const matches = compileFilter(args.document('filter'));
  const found = deployment.catalog.collections(database).map(describe).filter(matches);
  const shown = args.boolean('nameOnly', false) ? found.map(({ name, type }) => ({ name, type })) : found;
  return new CursorReply(0, `${database}.$cmd.listCollections`, 'firstBatch', shown.map(encode));
}

function create({ args, database, deployment }: Operation): Doc {
  const name = args.string('create');
  if (deployment.catalog.find(database, name) !== undefined) {
    throw new CommandError(48, `Collection ${database}.${name} already exists.`);
  }
  deployment.catalog.findOrCreate(database, name);
  return { ok: 1 };
}

function drop({ args, database, deployment, namespace, collection }: Operation): Doc {
  const nIndexesWas = collection?.indexes.length ?? 0;
  if (!deployment.catalog.drop(database, args.string('drop'))) return { ok: 1 };
  return { nIndexesWas, ns: namespace, ok: 1 };
}

function dropDatabase({ database, deployment }: Operation): Doc {
  return { ...(deployment.catalog.dropDatabase(database) ? { dropped: database } : {}), ok: 1 };
}

function listDatabases({ args, deployment }: Operation): Doc {
  const matches = compileFilter(args.document('filter'));
  const all = deployment.catalog.databases().map((name) => ({ name, sizeOnDisk: 0, empty: false }));
  const databases = all.filter((database) => matches(database));
  if (args.boolean('nameOnly', false)) return { databases: databases.map(({ name }) => ({ name })), ok: 1 };
  return { databases, totalSize: 0, ok: 1 };
}

export const catalogCommands: Readonly<Record<string, CommandDefinition>> = {
  listCollections: {
    fields: ['filter', 'nameOnly', 'cursor', 'authorizedCollections'],
    run: listCollections,
  },
  create: { fields: [], run: create },
  drop: { fields: [], run: drop },
  dropDatabase: { fields: [], run: dropDatabase },
  listDatabases: { fields: ['filter', 'nameOnly', 'authorizedDatabases'], run: listDatabases },
};

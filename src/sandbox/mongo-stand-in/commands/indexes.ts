import { Arguments } from '../arguments.js';
import { compareValues } from '../bson-order.js';
import { type IndexDefinition, makeIndex } from '../collection.js';
import { type Doc, encode } from '../documents.js';
import { CommandError, notImplemented } from '../errors.js';
import type { CommandDefinition, Operation } from '../operation.js';
import { CursorReply } from '../reply.js';

function listIndexes({ collection, namespace }: Operation): CursorReply {
  if (collection === undefined) throw new CommandError(26, `ns does not exist: ${namespace}`);
  const all = collection.indexes.map(({ specification }) => encode(specification));
  return new CursorReply(0, namespace, 'firstBatch', all);
}

function readIndex(specification: Doc): IndexDefinition {
  const args = new Arguments('createIndexes.indexes', specification);
  args.allowOnly(['key', 'name', 'v', 'unique', 'partialFilterExpression', 'background']);
  const key = args.document('key');
  for (const direction of Object.values(key)) {
    if (direction !== 1 && direction !== -1) throw notImplemented(`indexes of kind ${String(direction)}`);
  }
  if (Object.keys(key).length === 0) throw new CommandError(67, 'Index keys cannot be empty.');
  const { unique, partialFilterExpression } = specification;
  return makeIndex(key, args.string('name'), {
    ...(unique === true ? { unique } : {}),
    ...(partialFilterExpression === undefined ? {} : { partialFilterExpression }),
  });
}

function createIndexes({ args, database, deployment }: Operation): Doc {
  const name = args.string('createIndexes');
  const createdCollectionAutomatically = deployment.catalog.find(database, name) === undefined;
  const wanted = args.documents('indexes').map(readIndex);
  const collection = deployment.catalog.findOrCreate(database, name);
  const numIndexesBefore = collection.indexes.length;
  for (const index of wanted) {
    const known = collection.indexes.find((other) => other.name === index.name);
    if (known === undefined) collection.addIndex(index);
    else if (index.name !== '_id_' && compareValues(known.specification, index.specification) !== 0) {
      throw new CommandError(86, `An existing index has the same name as the requested index: ${index.name}`);
    }
  }
  return {
    numIndexesBefore,
    numIndexesAfter: collection.indexes.length,
    createdCollectionAutomatically,
    ok: 1,
  };
}

function dropIndexes({ args, collection, namespace }: Operation): Doc {
  if (collection === undefined) throw new CommandError(26, `ns not found ${namespace}`);
  const nIndexesWas = collection.indexes.length;
  const name = args.fields.index;
  const removable = collection.indexes.filter((index) => index.name !== '_id_');
  const doomed = removable.filter(
    (index) => name === '*' || index.name === name || compareValues(index.key, name) === 0,
  );
  if (doomed.length === 0 && name !== '*')
    throw new CommandError(27, `index not found with name [${String(name)}]`);
  for (const index of doomed) collection.dropIndex(index);
  return { nIndexesWas, ok: 1 };
}

export const indexCommands: Readonly<Record<string, CommandDefinition>> = {
  listIndexes: { fields: ['cursor'], run: listIndexes },
  createIndexes: { fields: ['indexes', 'commitQuorum'], run: createIndexes },
  dropIndexes: { fields: ['index'], run: dropIndexes },
};

import { BSON, ObjectId, type Collection } from 'mongodb';
import { byCodeUnit } from '../../model/id.js';
import type { ContainerShape } from '../../model/shape.js';
import { FieldTally } from '../field-tally.js';
import type { MongoConnection } from './connection.js';
import { losslessDocument } from './image.js';
import { isDenial } from '../server-error.js';
import { readFailure } from '../read-failure.js';

/** How many documents of a collection are looked at: the newest, for they are as the application writes now. */
const LOOKED_AT = 50;
const BATCH = 10;

/**
 * Looks at every ordinary collection of the database that the user may read: whoever has been granted what `plan` needs may
 * read no other, and needs none.
 *
 * @throws {Failure} operational: MongoDB cannot be read
 */
export async function probeMongo({ db, address }: MongoConnection): Promise<ContainerShape[]> {
  try {
    const found = await db.listCollections({ type: 'collection' }, { nameOnly: true }).toArray();
    const names = found.map(({ name }) => name).filter((name) => !name.startsWith('system.'));
    const shapes: ContainerShape[] = [];
    for (const name of names.sort(byCodeUnit)) {
      const fields = await fieldsOf(db.collection(name)).catch((error: unknown) => {
        if (isDenial(error)) return null;
        throw error;
      });
      if (fields !== null) shapes.push({ schema: null, name, fields });
    }
    return shapes;
  } catch (error) {
    throw readFailure(error, 'MongoDB', address);
  }
}

async function fieldsOf(collection: Collection): Promise<ContainerShape['fields']> {
  const tally = new FieldTally();
  const newest = collection.find({}, { sort: { _id: -1 }, limit: LOOKED_AT, batchSize: BATCH, raw: true });
  for await (const raw of newest) {
    for (const [field, value] of Object.entries(losslessDocument(raw))) addValue(tally, field, value);
  }
  return tally.shapes();
}

function addValue(tally: FieldTally, field: string, value: unknown): void {
  if (typeof value === 'string') tally.addText(field, value);
  else if (value instanceof ObjectId) tally.add(field, 'objectId');
  else if (typeof value === 'boolean') tally.add(field, 'boolean');
  else if (value instanceof Date) tally.add(field, 'time');
  else if (value instanceof BSON.Int32 || value instanceof BSON.Long) tally.add(field, 'integer');
  // A field that is null says nothing of what it mostly is.
  else if (value !== null && value !== undefined) tally.add(field, 'other');
}

import { isCanonicalExtendedJson } from '../files/extended-json.js';
import type { MongoImage } from '../model/decision.js';

/**
 * A document that is to be changed holds what no receipt can: an impossible date, or values nested too deep. It could not be
 * restored, so it is not changed.
 */
export class UnwritableRow extends Error {
  constructor(image: MongoImage) {
    const fields = Object.entries(image).flatMap(([name, value]) =>
      isCanonicalExtendedJson({ [name]: value }) ? [] : [name],
    );
    super(
      `the role document ${JSON.stringify(image['_id'])} in MongoDB cannot be written down without loss, and so not be ` +
        `restored: see its ${fields.join(', ')}; correct the document, then plan again`,
    );
    this.name = 'UnwritableRow';
  }
}

/** The same document, where a receipt can hold it. */
export function writtenDown(image: MongoImage): MongoImage {
  if (!isCanonicalExtendedJson(image)) throw new UnwritableRow(image);
  return image;
}

import { isCanonicalExtendedJson } from '../files/extended-json.js';
import { UnwritableRow } from '../stores/unwritable-row.js';
import type { MongoImage } from '../model/decision.js';

/** @throws UnwritableRow where a receipt cannot hold the document without loss */
export function writtenDown(image: MongoImage): MongoImage {
  if (isCanonicalExtendedJson(image)) return image;
  const fields = Object.entries(image).flatMap(([name, value]) =>
    isCanonicalExtendedJson({ [name]: value }) ? [] : [name],
  );
  throw new UnwritableRow(image['_id'], fields);
}

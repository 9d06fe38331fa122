import type { EjsonValue } from '../model/decision.js';

/** A document to be changed holds what no receipt can, so that it could not be restored, and is not changed. */
export class UnwritableRow extends Error {
  override readonly name = 'UnwritableRow';

  constructor(id: EjsonValue | undefined, fields: readonly string[]) {
    super(
      `the role document ${JSON.stringify(id)} in MongoDB cannot be written down without loss, and so not be ` +
        `restored: see its ${fields.join(', ')}; correct the document, then plan again`,
    );
  }
}

import type { Collection, Document, Sort } from 'mongodb';

export interface Row extends Document {
  _id: string | number;
}

/** The ids of the rows that a filter finds, in this order. */
export async function ids(
  rows: Collection<Row>,
  filter: Document,
  sort: Document = { _id: 1 },
): Promise<unknown[]> {
  return (
    await rows
      .find(filter)
      .sort(sort as Sort)
      .toArray()
  ).map((row) => row._id);
}

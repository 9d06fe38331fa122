import { Binary, type CollectionInfo, type Db } from 'mongodb';

/** What the server says of a collection, or of a view. */
export interface DescribedCollection {
  /** Null for what has none, such as a view. */
  readonly uuid: string | null;
  /** Whether it has a fixed size: no transaction can write to it. */
  readonly capped: boolean;
  /** As it was made: validator and all. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** What to do about a role collection of a fixed size. */
export const UNCAP = 'Copy it into an ordinary collection ($out), and give that its name.';

/** Those of the names that are there. */
export async function describeCollections(
  db: Db,
  names: readonly string[],
): Promise<Map<string, DescribedCollection>> {
  const found = await db
    .listCollections<CollectionInfo>({ name: { $in: [...names] } }, { nameOnly: false })
    .toArray();
  return new Map(
    found.map(({ name, info, options = {} }) => {
      const uuid = info?.uuid;
      const text = uuid?.sub_type === Binary.SUBTYPE_UUID ? uuid.toUUID().toHexString() : null;
      return [name, { uuid: text, capped: options['capped'] === true, options }];
    }),
  );
}

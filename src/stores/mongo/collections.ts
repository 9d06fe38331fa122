import { Binary, type CollectionInfo, type Db } from 'mongodb';

export interface Described {
  readonly uuid: string | null;
  /** Of a fixed size: no transaction can write to it. */
  readonly capped: boolean;
  readonly options: Readonly<Record<string, unknown>>;
}

export const UNCAP = 'Copy it into an ordinary collection ($out), and give that its name.';

/** Describes those of the names that exist. */
export async function describeCollections(db: Db, names: readonly string[]): Promise<Map<string, Described>> {
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

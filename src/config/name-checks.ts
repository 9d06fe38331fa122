import { DEFAULT_MAPPING, isCollectionName, isIdentifier, USUAL_USERS } from '../model/mapping.js';
import type { Contents, NameCheck, StoreNames } from '../model/name-check.js';
import { amount } from '../model/row-count.js';
import { allNearest, isSpeltAlike } from './did-you-mean.js';

/** How names of one kind are judged: `isUsable` in a mapping; `compared` is the part that may be misspelt. */
interface NameKind {
  readonly isUsable: (name: string) => boolean;
  readonly compared: (name: string) => string;
}

const COLLECTION: NameKind = { isUsable: isCollectionName, compared: (name) => name };
const PART: NameKind = { isUsable: isIdentifier, compared: (name) => name };
/** `schema.table`; the schema is not compared. */
const TABLE: NameKind = {
  isUsable: (name) => name.split('.').length === 2 && name.split('.').every(isIdentifier),
  compared: (name) => name.slice(name.indexOf('.') + 1),
};

/** What stands under each default name of the mapping, and what else could be meant. A person chooses. */
export function nameChecks(inMongo: StoreNames, inPostgres: StoreNames): NameCheck[] {
  const { mongo, postgres } = DEFAULT_MAPPING;
  const { collection: users, ...fields } = USUAL_USERS;
  const table = `${postgres.schema}.${postgres.table}`;
  const usual = [...Object.values(mongo.collections), users, table];
  const whole = (setting: string, name: string, store: StoreNames, kind: NameKind): NameCheck => {
    const others = store.names.filter((one) => !usual.includes(one));
    const contents = store.contents.get(name);
    const found =
      kind === TABLE ? wholeFound(contents, 'table', 'row') : wholeFound(contents, 'collection', 'document');
    return finding({ setting, name, others, ...found }, kind);
  };
  return [
    ...(['teams', 'memberships', 'roles'] as const).flatMap((slot) => {
      const name = mongo.collections[slot];
      return [
        whole(`mongo.collections.${slot}`, name, inMongo, COLLECTION),
        ...partFindings(`mongo.${slot}`, mongo[slot], inMongo.contents.get(name)),
      ];
    }),
    // Nobody must be named: where there are no users, nothing is said of them.
    ...(inMongo.contents.has(users)
      ? [
          whole('mongo.users.collection', users, inMongo, COLLECTION),
          ...partFindings('mongo.users', fields, inMongo.contents.get(users)),
        ]
      : []),
    whole('postgres.table', table, inPostgres, TABLE),
    ...partFindings('postgres.columns', postgres.columns, inPostgres.contents.get(table)),
  ];
}

type Found = Pick<NameCheck, 'isThere' | 'found'>;

function wholeFound(contents: Contents | undefined, what: string, row: string): Found {
  if (contents === undefined) return { isThere: false, found: `no such ${what}` };
  const { count } = contents;
  if (count === null) return { isThere: true, found: 'there, but this user may not read it' };
  return { isThere: true, found: `${amount(count)} ${row}${count.rows === 1 ? '' : 's'}` };
}

/** Empty where the collection is absent, empty or unreadable. */
function partFindings(
  settings: string,
  names: Readonly<Record<string, string>>,
  contents: Contents | undefined,
): NameCheck[] {
  if (contents === undefined || contents.parts.size === 0) return [];
  const { lookedAt, parts } = contents;
  const others = [...parts.keys()].filter((name) => !Object.values(names).includes(name));
  return Object.entries(names).map(([key, name]) => {
    const isThere = parts.has(name);
    const inTable = isThere ? 'there' : 'no such column';
    const found =
      lookedAt === null ? inTable : `in ${parts.get(name) ?? 'none'} of ${lookedAt} documents looked at`;
    return finding({ setting: `${settings}.${key}`, name, others, isThere, found }, PART);
  });
}

function finding(about: Omit<NameCheck, 'near'>, { isUsable, compared }: NameKind): NameCheck {
  const name = compared(about.name);
  const usable = about.others.filter(isUsable);
  const nearest = allNearest(name, usable.map(compared)).filter(
    (one) => !about.isThere || isSpeltAlike(one, name),
  );
  return { ...about, near: usable.filter((one) => nearest.includes(compared(one))) };
}

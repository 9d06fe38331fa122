import type { Store } from './store.js';
import type { SerialId } from './id.js';

export const OPS = ['deactivate', 'delete', 'insert', 'reactivate'] as const;
export type Op = (typeof OPS)[number];

/** True where the operation takes an active role away. */
export function isDestructive(op: Op): boolean {
  return op === 'delete' || op === 'deactivate';
}

/** The rules of docs/design.md, "The rules" that demand changes. */
export const RULES = [
  'owner-wants',
  'member-wants',
  'member-extra',
  'outsider-holds',
  'deleted-team-holds',
  'missing-team-holds',
] as const;
export type Rule = (typeof RULES)[number];

interface Ruled {
  readonly role: string;
  readonly rule: Rule;
}

/** A new active row; `link` is the Mongo `_id`, which is the Postgres `mongo_id` too. */
export interface Insertion extends Ruled {
  readonly op: 'insert';
  readonly store: Store;
  readonly link: string;
}

/** A change of one existing row, addressed by its `_id` or its serial `id`. */
interface Alteration<In extends Store, Id> extends Ruled {
  readonly op: Exclude<Op, 'insert'>;
  readonly store: In;
  readonly id: Id;
}
export type MongoAlteration = Alteration<'mongo', string>;
export type PostgresAlteration = Alteration<'postgres', SerialId>;

/** One change of one role row in one store, as the rules derive it: it names the row, but not its columns. */
export type DerivedChange = Insertion | MongoAlteration | PostgresAlteration;

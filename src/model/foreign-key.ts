/** What happens to a row when the row that it points at is deleted, or gets another key. */
export type KeyAction = 'refuse' | 'cascade' | 'set null' | 'set default';

/** A foreign key that points at the role table, or at a table whose rows such a key deletes or alters. */
export interface ForeignKey {
  readonly name: string;
  /** `schema.table` that has the key. */
  readonly table: string;
  /** `schema.table` that it points at. */
  readonly target: string;
  /** The columns that it points at. */
  readonly columns: readonly string[];
  readonly onDelete: KeyAction;
  readonly onUpdate: KeyAction;
}

const DELETE_WORDS: Readonly<Record<KeyAction, string>> = {
  refuse: 'is refused while rows there point at it',
  cascade: 'would delete the rows there that point at it',
  'set null': 'would unlink the rows there that point at it',
  'set default': 'would link the rows there that point at it to another one',
};
const UPDATE_WORDS: Readonly<Record<KeyAction, string>> = {
  ...DELETE_WORDS,
  cascade: 'would alter the rows there that point at it',
};

/** What the key points at, and what deleting a row or updating its key would do. */
export function foreignKeyText({ name, table, target, columns, onDelete, onUpdate }: ForeignKey): string {
  return (
    `foreign key ${name} of ${table} points at ${target} (${columns.join(', ')}): ` +
    `to delete a row of ${target} ${DELETE_WORDS[onDelete]}, to update its key ${UPDATE_WORDS[onUpdate]}`
  );
}

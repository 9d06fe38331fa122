import { UUID } from 'mongodb';
import type { Mapping } from '../../model/mapping.js';
import { SHOWN_TEXT_LENGTH, shownText, showsSomething } from '../../model/text.js';
import { BsonFields } from './bson-fields.js';
import type { MongoSnapshot } from './snapshot.js';
import { bothForms } from './values.js';

const LOWER_CASE_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The names of users as a plan shows them, by id, in one question at the snapshot's time; none where the mapping names no
 * users. Nobody has a name who has no document, none with a text that shows something, or several that differ: which of
 * them is meant, nobody can say.
 */
export async function readUserNames(
  snapshot: MongoSnapshot,
  { ids, mongo: { users } }: Mapping,
  of: readonly string[],
): Promise<Map<string, string>> {
  const names = new Map<string, string | null>();
  if (users === null || of.length === 0) return new Map();
  const asUuids = of.filter((id) => LOWER_CASE_UUID.test(id)).map((id) => new UUID(id));
  const filter = { [users.id]: { $in: [...bothForms(of), ...asUuids] } };
  const fields = [users.id, users.name];
  const parser = new BsonFields(fields, ids);
  const find = { collection: users.collection, filter, fields };
  for (const values of await snapshot.all(find, (bytes) => parser.in(bytes))) {
    const [id, text] = [values.id(0) ?? values.uuid(0), values.text(1)];
    if (id === null || text === null || !showsSomething(text.slice(0, SHOWN_TEXT_LENGTH))) continue;
    const [name, known] = [shownText(text), names.get(id)];
    names.set(id, known === undefined || known === name ? name : null);
  }
  return new Map([...names].flatMap(([id, name]) => (name === null ? [] : [[id, name]])));
}

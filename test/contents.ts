import { BSON } from 'mongodb';
import type { OwnDatabases } from './databases.js';

/** Every row and document of both databases in a form that compares: bookkeeping of MongoDB's types included. */
export interface Contents {
  readonly mongo: Readonly<Record<string, string>>;
  readonly postgres: Readonly<Record<string, string>>;
}

/** Both databases, row by row under their keys, as text that tells every type apart. */
export async function contentsOf({ mongo, pg }: Pick<OwnDatabases, 'mongo' | 'pg'>): Promise<Contents> {
  const documents: [string, string][] = [];
  for (const name of ['teams', 'user_team_details', 'user_roles']) {
    for (const raw of await mongo.collection(name).find({}, { promoteValues: false }).toArray()) {
      const text = BSON.EJSON.stringify(raw, { relaxed: false });
      documents.push([`${name} ${BSON.EJSON.stringify({ id: raw._id })}`, text]);
    }
  }
  const { rows } = await pg.query<{ id: number; text: string }>(
    'SELECT id, r::text AS text FROM postgres_user_roles AS r ORDER BY id',
  );
  return {
    mongo: Object.fromEntries(documents.sort()),
    postgres: Object.fromEntries(rows.map(({ id, text }) => [String(id), text])),
  };
}

/** The same without the serial ids, which rows get anew where they are inserted a second time. */
export function withoutSerials({ mongo, postgres }: Contents) {
  const rows = Object.values(postgres).map((row) => row.replace(/^\(\d+,/, '('));
  return { mongo, postgres: rows.sort() };
}

/** The rows and documents of both stores in which one of these texts stands. */
export function rowsWith({ mongo, postgres }: Contents, ...texts: readonly string[]): string[] {
  const rows = [...Object.values(mongo), ...Object.values(postgres)];
  return rows.filter((row) => texts.some((text) => row.includes(text)));
}

import { readFile } from 'node:fs/promises';
import { BSON } from 'mongodb';
import { z } from 'zod';
import { fill } from '../databases.js';
import type { TestDatabases } from '../servers.js';

const COLLECTIONS = ['teams', 'user_team_details', 'user_roles'] as const;
const rows = z.array(z.record(z.string(), z.string().nullable()));
const documents = z.array(z.record(z.string(), z.unknown()));
const storedSchema = z.strictObject({
  teams: documents,
  user_team_details: documents,
  user_roles: documents,
  postgres_user_roles: rows,
});
/** Both databases as a file of `test/formats` holds them. */
export type Stored = z.infer<typeof storedSchema>;

export async function storedIn(file: URL): Promise<Stored> {
  return storedSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

/** Makes both databases hold exactly this, serial ids included. */
export async function restore(databases: TestDatabases, stored: Stored): Promise<void> {
  const typed = (found: Stored['teams']) =>
    documents.parse(found.map((one): unknown => BSON.EJSON.deserialize(one, { relaxed: false })));
  await fill(databases, {
    teams: typed(stored.teams),
    memberships: typed(stored.user_team_details),
    roles: typed(stored.user_roles),
    rows: stored.postgres_user_roles,
  });
}

/** What of the role rows can be compared: every field and column, but for the serial ids that the database gives. */
export function comparable({ user_roles, postgres_user_roles }: Stored): Record<string, string[]> {
  const withoutId = postgres_user_roles.map((row) => JSON.stringify({ ...row, id: null }));
  return { mongo: user_roles.map((one) => JSON.stringify(one)).sort(), postgres: withoutId.sort() };
}

/** Both databases as they are. */
export async function found({ mongo, pg: client }: TestDatabases): Promise<Stored> {
  const all: [string, unknown][] = [];
  for (const name of COLLECTIONS) {
    const read = await mongo.collection(name).find({}, { promoteValues: false }).sort({ _id: 1 }).toArray();
    all.push([name, read.map((one): unknown => BSON.EJSON.serialize(one, { relaxed: false }))]);
  }
  await client.query(`SET TimeZone = 'UTC'; SET DateStyle = 'ISO'`);
  const text = { getTypeParser: () => (value: unknown) => value };
  const read = await client.query({ text: 'SELECT * FROM postgres_user_roles ORDER BY id', types: text });
  return storedSchema.parse({ ...Object.fromEntries(all), postgres_user_roles: read.rows });
}

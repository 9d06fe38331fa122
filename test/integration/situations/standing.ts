import { BSON } from 'mongodb';
import type { PlanTeam } from '../../../src/files/plan/schema.js';
import type { MongoImage, PostgresImage } from '../../../src/model/decision.js';
import type { TestDatabases } from '../../servers.js';
import { TEAMS } from './small-teams.js';
import type { TeamState } from './situation.js';

/** A role row or document: whole, and what makes it a right. */
interface Held {
  readonly whole: string;
  readonly right: string;
}

export interface Standing {
  /** The rows and documents of each team, under their ids; a row is known by its link as well. */
  readonly teams: ReadonlyMap<string, Record<'mongo' | 'postgres', ReadonlyMap<string, Held>>>;
  /** The rows of every other table and collection. */
  readonly others: ReadonlyMap<string, readonly string[]>;
}

interface RoleRow {
  readonly id: string;
  readonly link: string | null;
  readonly team: string;
  readonly whole: string;
  readonly right: string[];
}

/** Reads everything there is, without the code that is measured. */
export async function readStanding({ mongo, pg: client }: TestDatabases): Promise<Standing> {
  const teams = new Map(
    TEAMS.map((team) => [team, { mongo: new Map<string, Held>(), postgres: new Map<string, Held>() }]),
  );
  const others = new Map<string, string[]>();
  for (const { name } of await mongo.listCollections({ type: 'collection' }).toArray()) {
    const documents = await mongo.collection(name).find({}, { promoteValues: false }).toArray();
    for (const one of documents) {
      const whole = BSON.EJSON.stringify(one, { relaxed: false });
      const team = name === 'user_roles' ? teams.get(String(one['team_id'])) : undefined;
      const parts = [one['user_id'], one['role_name'], one['scope'], one['is_active'] === true];
      if (team === undefined) add(others, `MongoDB ${name}`, whole);
      else team.mongo.set(String(one._id), { whole, right: parts.map(String).join(' ') });
    }
  }
  const { rows: tables } = await client.query<{ name: string; roles: boolean; source: string }>(
    `SELECT format('%I.%I', n.nspname, c.relname) AS name, c.oid = 'public.postgres_user_roles'::regclass AS roles,
            format('%s %I.%I', CASE c.relkind WHEN 'r' THEN 'ONLY' END, n.nspname, c.relname) AS source
       FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')`,
  );
  for (const { name, roles, source } of tables) {
    if (!roles) {
      const { rows } = await client.query<{ whole: string }>(`SELECT t::text AS whole FROM ${source} AS t`);
      others.set(
        name,
        rows.map(({ whole }) => whole),
      );
      continue;
    }
    const { rows } = await client.query<RoleRow>(
      `SELECT id::text, mongo_id AS link, team_id AS team, t::text AS whole,
              ARRAY[user_id, role_name::text, scope::text, is_active::text] AS right FROM ${source} AS t`,
    );
    for (const { id, link, team, whole, right } of rows) {
      const held = { whole, right: [...right, String(link)].join(' ') };
      const found = teams.get(team);
      if (found === undefined) add(others, name, whole);
      else found.postgres.set(id, held);
    }
  }
  return { teams, others };
}

function add(rows: Map<string, string[]>, key: string, row: string): void {
  const found = rows.get(key);
  if (found === undefined) rows.set(key, [row]);
  else found.push(row);
}

/** How one team stands in one store, against what stood there and the plan, where there is one. */
export function stateOf(
  store: 'mongo' | 'postgres',
  team: string,
  [was, is]: readonly [Standing, Standing],
  planned: PlanTeam | undefined,
): TeamState {
  const before = was.teams.get(team)?.[store] ?? new Map<string, Held>();
  const after = is.teams.get(team)?.[store] ?? new Map<string, Held>();
  const wholes = (rows: ReadonlyMap<string, Held>): string =>
    JSON.stringify([...rows.entries()].map(([id, { whole }]) => [id, whole]).sort());
  if (wholes(before) === wholes(after)) return 'as it was';
  if (planned === undefined) return 'otherwise';
  // What is in no change has to stand there untouched, and what is in one with the planned right.
  const expected = new Map([...before].map(([id, { whole }]) => [id, whole]));
  const rights: string[] = [];
  for (const { user, changes } of planned.decisions) {
    for (const change of changes) {
      if (change.store !== store) continue;
      if (change.op !== 'insert') expected.delete(idOf(change.before));
      if (change.op === 'delete') continue;
      const right = [user, change.role, 'TEAM', String(change.op !== 'deactivate')];
      if (change.store === 'postgres') {
        const image = change.op === 'insert' ? change.after : change.before;
        right.push(String(image['mongo_id']));
      }
      rights.push(right.join(' '));
    }
  }
  for (const [id, { whole, right }] of after) {
    if (expected.get(id) === whole) {
      expected.delete(id);
      continue;
    }
    const at = rights.indexOf(right);
    if (at < 0 || expected.has(id)) return 'otherwise';
    rights.splice(at, 1);
  }
  return expected.size + rights.length === 0 ? 'as planned' : 'otherwise';
}

/** The serial id of a row, the digits of a document's. */
function idOf(image: MongoImage | PostgresImage): string {
  const { id, _id } = { id: image['id'], _id: image['_id'] };
  if (typeof id === 'string') return id;
  if (typeof _id === 'object' && _id !== null && '$oid' in _id && typeof _id['$oid'] === 'string')
    return _id['$oid'];
  throw new Error('a row without an id');
}

/** What the people of all teams are allowed, whatever row says so. */
export function rightsIn({ teams }: Standing): string[] {
  return [...teams]
    .flatMap(([team, stores]) =>
      (['mongo', 'postgres'] as const).flatMap((store) =>
        [...stores[store].values()].map(({ right }) => `${store} ${team} ${right}`),
      ),
    )
    .sort();
}

/** Rows in no plan that are gone or differ, by table, and how many there are more of. */
export function elsewhere(
  was: Standing,
  is: Standing,
): { readonly harmed: readonly string[]; readonly touched: readonly string[] } {
  const harmed: string[] = [];
  const touched: string[] = [];
  for (const table of new Set([...was.others.keys(), ...is.others.keys()])) {
    const left = [...(is.others.get(table) ?? [])];
    let gone = 0;
    for (const row of was.others.get(table) ?? []) {
      const at = left.indexOf(row);
      if (at < 0) gone++;
      else left.splice(at, 1);
    }
    if (gone > 0) harmed.push(table);
    if (gone + left.length > 0) touched.push(table);
  }
  return { harmed, touched };
}

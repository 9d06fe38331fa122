import { randomBytes } from 'node:crypto';
import { MongoClient, ObjectId, type Db, type Document } from 'mongodb';
import pg from 'pg';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/schema.js';
import { firstFreeSerial, seededTeam, type SeededTeam, type World } from './seeded-team.js';
import type { Servers } from './servers.js';

const TEAMS_AT_ONCE = 250;

/** Two databases of its own, filled with a world. */
export class DataSet {
  readonly world: World;
  /** The variables that point the tool at these databases. */
  readonly environment: Readonly<Record<string, string>>;
  /** How many documents and rows both stores hold. */
  readonly size: number;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #postgres: pg.Client;
  readonly #drop: () => Promise<void>;

  private constructor(parts: {
    readonly world: World;
    readonly environment: Readonly<Record<string, string>>;
    readonly size: number;
    readonly client: MongoClient;
    readonly db: Db;
    readonly postgres: pg.Client;
    readonly drop: () => Promise<void>;
  }) {
    this.world = parts.world;
    this.environment = parts.environment;
    this.size = parts.size;
    this.#client = parts.client;
    this.#db = parts.db;
    this.#postgres = parts.postgres;
    this.#drop = parts.drop;
  }

  /** Creates both databases under a name that nobody else has, and fills them. */
  static async create(world: World, servers: Servers): Promise<DataSet> {
    const name = `fix_roles_bench_${randomBytes(5).toString('hex')}`;
    const url = new URL(servers.postgresUrl);
    url.pathname = `/${name}`;
    const onServer = async (statement: string): Promise<void> => {
      const server = new pg.Client(servers.postgresUrl);
      await server.connect();
      await server.query(statement).finally(() => server.end());
    };
    await onServer(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
    const client = new MongoClient(servers.mongoUri);
    const db = client.db(name);
    const postgres = new pg.Client(url.href);
    const drop = async (): Promise<void> => {
      await postgres.end();
      await db.dropDatabase();
      await client.close();
      await onServer(`DROP DATABASE ${pg.escapeIdentifier(name)} WITH (FORCE)`);
    };
    await postgres.connect();
    await createPostgresSchema(postgres);
    await createMongoSchema(db);
    const size = await fill(world, db, postgres);
    return new DataSet({
      ...{ world, size, client, db, postgres, drop },
      environment: {
        MONGODB_URI: servers.mongoUri,
        DB_NAME: name,
        POSTGRES_HOST: url.hostname,
        POSTGRES_PORT: url.port || '5432',
        POSTGRES_DB: name,
        POSTGRES_USER: decodeURIComponent(url.username),
        POSTGRES_PASSWORD: decodeURIComponent(url.password),
        POSTGRES_SSLMODE: 'disable',
      },
    });
  }

  /** Breaks every broken team once more, in the same way: the same plan can be applied again. */
  async restore(): Promise<void> {
    let batch: SeededTeam[] = [];
    const flush = async (): Promise<void> => {
      const ids = batch.map(({ id }) => id);
      await this.#db
        .collection('user_roles')
        .deleteMany({ team_id: { $in: ids.flatMap((id) => [id, new ObjectId(id)]) } });
      await this.#postgres.query('DELETE FROM postgres_user_roles WHERE team_id = ANY ($1)', [ids]);
      await insertRoles(batch, this.#db, this.#postgres);
      batch = [];
    };
    for (let index = 0; index < this.world.teams; index += 1) {
      const team = seededTeam(index, this.world);
      if (team.state === 'broken') batch.push(team);
      if (batch.length >= TEAMS_AT_ONCE) await flush();
    }
    if (batch.length > 0) await flush();
    await this.#postgres.query('VACUUM ANALYZE postgres_user_roles');
  }

  async drop(): Promise<void> {
    await this.#drop();
    await this.#client.close();
  }
}

async function fill(world: World, db: Db, postgres: pg.Client): Promise<number> {
  let size = 0;
  for (let first = 0; first < world.teams; first += TEAMS_AT_ONCE) {
    const count = Math.min(TEAMS_AT_ONCE, world.teams - first);
    const batch = Array.from({ length: count }, (_, offset) => seededTeam(first + offset, world));
    const memberships = batch.flatMap((team) => team.memberships);
    await Promise.all([
      db.collection('teams').insertMany(batch.map(({ team }) => team)),
      db.collection('user_team_details').insertMany(memberships),
      insertRoles(batch, db, postgres),
    ]);
    for (const { roles, rows } of batch) size += 1 + roles.length + rows.length;
    size += memberships.length;
  }
  await postgres.query(`SELECT setval('postgres_user_roles_id_seq', $1)`, [firstFreeSerial(world)]);
  // Freshly loaded tables would be vacuumed while something is measured.
  await postgres.query('VACUUM ANALYZE postgres_user_roles');
  return size;
}

async function insertRoles(batch: readonly SeededTeam[], db: Db, postgres: pg.Client): Promise<void> {
  const documents: Document[] = batch.flatMap(({ roles }) => roles);
  const rows = batch.flatMap((team) => team.rows);
  await Promise.all([
    db.collection('user_roles').insertMany(documents),
    postgres.query(
      'INSERT INTO postgres_user_roles SELECT * FROM json_populate_recordset(NULL::postgres_user_roles, $1)',
      [JSON.stringify(rows)],
    ),
  ]);
}

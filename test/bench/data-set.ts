import { randomBytes } from 'node:crypto';
import { MongoClient, ObjectId, type Db } from 'mongodb';
import pg from 'pg';
import { createMongoSchema, createPostgresSchema } from '../../src/sandbox/tables.js';
import { firstFreeSerial, seededTeam, type SeededTeam, type World } from './seeded-team.js';
import type { Servers } from './servers.js';

const TEAMS_AT_ONCE = 250;

/** Two databases of its own, filled with a world. */
export class DataSet {
  readonly world: World;
  /** The variables that point the tool at these databases. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #serverUrl: string;
  readonly #client: MongoClient;
  readonly #db: Db;
  readonly #postgres: pg.Client;
  #size = 0;

  private constructor(world: World, { mongoUri, postgresUrl }: Servers, name: string) {
    const url = new URL(postgresUrl);
    url.pathname = `/${name}`;
    this.world = world;
    this.environment = {
      MONGODB_URI: mongoUri,
      DB_NAME: name,
      POSTGRES_HOST: url.hostname,
      POSTGRES_PORT: url.port || '5432',
      POSTGRES_DB: name,
      POSTGRES_USER: decodeURIComponent(url.username),
      POSTGRES_PASSWORD: decodeURIComponent(url.password),
      POSTGRES_SSLMODE: 'disable',
    };
    this.#serverUrl = postgresUrl;
    this.#client = new MongoClient(mongoUri);
    this.#db = this.#client.db(name);
    this.#postgres = new pg.Client(url.href);
  }

  /** Creates both databases under a name that nobody else has, and fills them. */
  static async create(world: World, servers: Servers): Promise<DataSet> {
    const name = `fix_roles_bench_${randomBytes(5).toString('hex')}`;
    await onServer(servers.postgresUrl, `CREATE DATABASE ${name}`);
    const data = new DataSet(world, servers, name);
    await data.#postgres.connect();
    await createPostgresSchema(data.#postgres);
    await createMongoSchema(data.#db);
    await data.#fill();
    return data;
  }

  /** How many documents and rows both stores hold. */
  get size(): number {
    return this.#size;
  }

  /** Breaks every broken team once more, in the same way: the same plan can be applied again. */
  async restore(): Promise<void> {
    for (const batch of this.#batches()) {
      const broken = batch.filter(({ state }) => state === 'broken');
      if (broken.length === 0) continue;
      const ids = broken.map(({ id }) => id);
      const bothForms = { $in: ids.flatMap((id) => [id, new ObjectId(id)]) };
      await this.#db.collection('user_roles').deleteMany({ team_id: bothForms });
      await this.#postgres.query('DELETE FROM postgres_user_roles WHERE team_id = ANY ($1)', [ids]);
      await this.#insertRoles(broken);
    }
    await this.#settle();
  }

  async drop(): Promise<void> {
    await this.#postgres.end();
    await this.#db.dropDatabase();
    await this.#client.close();
    await onServer(this.#serverUrl, `DROP DATABASE ${this.#db.databaseName} WITH (FORCE)`);
  }

  *#batches(): Generator<readonly SeededTeam[]> {
    for (let first = 0; first < this.world.teams; first += TEAMS_AT_ONCE) {
      const length = Math.min(TEAMS_AT_ONCE, this.world.teams - first);
      yield Array.from({ length }, (_, offset) => seededTeam(first + offset, this.world));
    }
  }

  async #fill(): Promise<void> {
    for (const batch of this.#batches()) {
      const memberships = batch.flatMap((team) => team.memberships);
      await Promise.all([
        this.#db.collection('teams').insertMany(batch.map(({ team }) => team)),
        this.#db.collection('user_team_details').insertMany(memberships),
        this.#insertRoles(batch),
      ]);
      for (const { roles, rows } of batch) this.#size += 1 + roles.length + rows.length;
      this.#size += memberships.length;
    }
    await this.#postgres.query(`SELECT setval('postgres_user_roles_id_seq', $1)`, [
      firstFreeSerial(this.world),
    ]);
    await this.#settle();
  }

  /** Tables that have just changed would be vacuumed while something is measured. */
  async #settle(): Promise<void> {
    await this.#postgres.query('VACUUM ANALYZE postgres_user_roles');
  }

  async #insertRoles(batch: readonly SeededTeam[]): Promise<void> {
    const rows = JSON.stringify(batch.flatMap((team) => team.rows));
    await Promise.all([
      this.#db.collection('user_roles').insertMany(batch.flatMap(({ roles }) => [...roles])),
      this.#postgres.query(
        'INSERT INTO postgres_user_roles SELECT * FROM json_populate_recordset(NULL::postgres_user_roles, $1)',
        [rows],
      ),
    ]);
  }
}

async function onServer(url: string, statement: string): Promise<void> {
  const server = new pg.Client(url);
  await server.connect();
  await server.query(statement).finally(() => server.end());
}

import { randomBytes } from 'node:crypto';
import { ObjectId } from 'mongodb';
import { createDatabases, type OwnDatabases } from '../databases.js';
import { firstFreeSerial, seededTeam, type SeededTeam, type World } from './seeded-team.js';
import type { Servers } from './servers.js';

const TEAMS_AT_ONCE = 250;

/** Two databases of its own, filled with a world. */
export class DataSet {
  readonly world: World;
  readonly #databases: OwnDatabases;
  #size = 0;

  private constructor(world: World, databases: OwnDatabases) {
    this.world = world;
    this.#databases = databases;
  }

  static async create(world: World, servers: Servers): Promise<DataSet> {
    const name = `fix_roles_bench_${randomBytes(5).toString('hex')}`;
    const data = new DataSet(world, await createDatabases(servers, name));
    await data.#fill();
    return data;
  }

  /** The variables that point the tool at these databases. */
  get environment(): Readonly<Record<string, string>> {
    return this.#databases.env;
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
      await this.#databases.mongo.collection('user_roles').deleteMany({ team_id: bothForms });
      await this.#databases.pg.query('DELETE FROM postgres_user_roles WHERE team_id = ANY ($1)', [ids]);
      await this.#insertRoles(broken);
    }
    await this.#settle();
  }

  drop(): Promise<void> {
    return this.#databases.drop();
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
        this.#databases.mongo.collection('teams').insertMany(batch.map(({ team }) => team)),
        this.#databases.mongo.collection('user_team_details').insertMany(memberships),
        this.#insertRoles(batch),
      ]);
      for (const { roles, rows } of batch) this.#size += 1 + roles.length + rows.length;
      this.#size += memberships.length;
    }
    await this.#databases.pg.query(`SELECT setval('postgres_user_roles_id_seq', $1)`, [
      firstFreeSerial(this.world),
    ]);
    await this.#settle();
  }

  /** Tables that have just changed would be vacuumed while something is measured. */
  async #settle(): Promise<void> {
    await this.#databases.pg.query('VACUUM ANALYZE postgres_user_roles');
  }

  async #insertRoles(batch: readonly SeededTeam[]): Promise<void> {
    const rows = JSON.stringify(batch.flatMap((team) => team.rows));
    await Promise.all([
      this.#databases.mongo.collection('user_roles').insertMany(batch.flatMap(({ roles }) => [...roles])),
      this.#databases.pg.query(
        'INSERT INTO postgres_user_roles SELECT * FROM json_populate_recordset(NULL::postgres_user_roles, $1)',
        [rows],
      ),
    ]);
  }
}

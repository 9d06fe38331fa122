import { ObjectId, type Document } from 'bson';

/** One row of `public.postgres_user_roles`, without the serial `id`. */
export interface PostgresRoleRow {
  readonly mongo_id: string | null;
  readonly user_id: string;
  readonly role_name: string;
  readonly scope: string;
  readonly team_id: string | null;
  readonly is_active: boolean;
  readonly created_at: string;
  readonly created_by: string;
  readonly last_sync_at: string;
  readonly sync_status: string;
  readonly sync_error: string | null;
}

/** One situation of a backend, with its documents and rows. */
export interface SampleCase {
  readonly name: string;
  readonly teamId: string;
  readonly teams: readonly Document[];
  readonly memberships: readonly Document[];
  readonly mongoRoles: readonly Document[];
  readonly postgresRoles: readonly PostgresRoleRow[];
}

/** The roles that the creator of a team should hold. */
export const OWNER_ROLES = ['owner', 'admin', 'member'] as const;

const FIRST_DAY = Date.UTC(2024, 2, 4, 9, 30);
const DAY_MS = 24 * 60 * 60 * 1000;

/** A case around team `number`, which fixes every id and time in it: adding a case must change no other. */
export function sampleCase(number: number, name: string, fill: (team: SampleTeam) => void): SampleCase {
  const team = new SampleTeam(number);
  fill(team);
  return { name, teamId: team.id, ...team.records };
}

/** The id of person number `n`. */
export function personId(n: number): string {
  return hexId('5f3c1a00', 0, n);
}

// The backend knows people only by id; the names make the cases readable.
export const ada = personId(1);
export const bruno = personId(2);
export const chidi = personId(3);
export const dora = personId(4);
export const emeka = personId(5);
export const fatima = personId(6);
export const goran = personId(7);
export const hana = personId(8);
export const ines = personId(9);
export const jonas = personId(10);
export const keiko = personId(11);
export const liam = personId(12);
export const mira = personId(13);
export const noor = personId(14);
export const olga = personId(15);
export const pedro = personId(16);

function hexId(first8: string, middle: number, last: number): string {
  // Decimal digits are hex digits too, so the numbers stay readable in the ids.
  return first8 + String(middle).padStart(8, '0') + String(last).padStart(8, '0');
}

/** Collects the documents and rows of one team. `fields` replace usual values, or remove them where undefined. */
export class SampleTeam {
  readonly id: string;
  readonly records: {
    teams: Document[];
    memberships: Document[];
    mongoRoles: Document[];
    postgresRoles: PostgresRoleRow[];
  } = { teams: [], memberships: [], mongoRoles: [], postgresRoles: [] };
  readonly #number: number;
  #ids = 0;

  constructor(number: number) {
    this.#number = number;
    this.id = hexId('60b8d2f0', 0, number);
  }

  /** A unique id: the `_id` of a Mongo role, the `mongo_id` of its Postgres copy, or both. */
  newRowId(): string {
    return hexId('61e5c400', this.#number, ++this.#ids);
  }

  /** The team document itself; a case without it has a missing team. */
  document(name: string, createdBy: unknown, fields: Document = {}): this {
    const usual = { _id: new ObjectId(this.id), name, created_by: createdBy, is_deleted: false };
    this.records.teams.push(present({ ...usual, ...fields }));
    return this;
  }

  /** A team whose creator and members have memberships, and the creator all roles. */
  founded(name: string, creator: string, ...members: readonly string[]): this {
    this.document(name, creator);
    for (const person of [creator, ...members]) this.member(person);
    return this.linked(creator, ...OWNER_ROLES);
  }

  /** An active membership. */
  member(user: unknown, fields: Document = {}): this {
    const usual = {
      _id: new ObjectId(this.newRowId()),
      user_id: user,
      team_id: this.id,
      is_active: true,
      created_at: new Date(this.#time()),
    };
    this.records.memberships.push(present({ ...usual, ...fields }));
    return this;
  }

  /** Active roles in both stores, each linked to its copy. */
  linked(user: string, ...roles: readonly string[]): this {
    for (const role of roles) this.pair(this.newRowId(), user, role);
    return this;
  }

  /** One role in both stores, linked by `link`. */
  pair(
    link: string,
    user: string,
    role: string,
    inMongo: Document = {},
    inPostgres: Partial<PostgresRoleRow> = {},
  ): this {
    this.mongo(user, role, { _id: new ObjectId(link), ...inMongo });
    return this.postgres(user, role, { mongo_id: link, ...inPostgres });
  }

  /** One role document, active unless said otherwise. */
  mongo(user: unknown, role: unknown, fields: Document = {}): this {
    const usual = {
      _id: '_id' in fields ? undefined : new ObjectId(this.newRowId()),
      user_id: user,
      role_name: role,
      scope: 'TEAM',
      team_id: this.id,
      is_active: true,
      created_at: new Date(this.#time()),
      created_by: 'system',
    };
    this.records.mongoRoles.push(present({ ...usual, ...fields }));
    return this;
  }

  /** One Postgres row, active unless said otherwise. */
  postgres(user: string, role: string, fields: Partial<PostgresRoleRow> = {}): this {
    // Postgres keeps microseconds, which a JavaScript Date loses.
    const digits = `.000${String(this.#number).padStart(3, '0')}Z`;
    const created = new Date(this.#time()).toISOString().replace(/\.000Z$/, digits);
    this.records.postgresRoles.push({
      mongo_id: fields.mongo_id === undefined ? this.newRowId() : fields.mongo_id,
      user_id: user,
      role_name: role,
      scope: 'TEAM',
      team_id: this.id,
      is_active: true,
      created_at: created,
      created_by: 'system',
      last_sync_at: created,
      sync_status: 'SYNCED',
      sync_error: null,
      ...fields,
    });
    return this;
  }

  #time(): number {
    return FIRST_DAY + this.#number * DAY_MS;
  }
}

function present(document: Document): Document {
  return Object.fromEntries(Object.entries(document).filter(([, value]) => value !== undefined));
}

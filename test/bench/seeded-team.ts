import { ObjectId, type Document } from 'mongodb';

/** What decides how a data set looks: the same values give the same rows. */
export interface World {
  readonly teams: number;
  readonly members: number;
  readonly broken: number;
  readonly seed: number;
}

/** A row of `postgres_user_roles`. */
export type SeededRow = Readonly<Record<string, string | number | boolean | null>>;

/** Everything that both stores hold of one team. */
export interface SeededTeam {
  readonly id: string;
  readonly state: 'healthy' | 'broken';
  readonly team: Document;
  readonly memberships: readonly Document[];
  readonly roles: readonly Document[];
  readonly rows: readonly SeededRow[];
}

const LONG_AGO = new Date('2024-03-04T05:06:07.089Z');
const ROWS_PER_TEAM_MAX = 64;

/** What can be wrong with a team; a broken one has two of these. */
const DEFECTS = [
  'creator-lacks-privileges',
  'former-member-holds-roles',
  'member-holds-admin',
  'postgres-copy-missing',
  'postgres-copy-inactive',
] as const;
type Defect = (typeof DEFECTS)[number];

/** The serial id that no seeded row of this world reaches. */
export function firstFreeSerial(world: World): number {
  return (world.teams + 1) * ROWS_PER_TEAM_MAX;
}

/** The team with this number, whole or broken, as the world has it. */
export function seededTeam(index: number, world: World): SeededTeam {
  const random = randomNumbers(world.seed, index);
  const state = random() < world.broken ? 'broken' : 'healthy';
  const defects = new Set<Defect>();
  while (state === 'broken' && defects.size < 2) {
    const defect = DEFECTS[Math.floor(random() * DEFECTS.length)];
    if (defect !== undefined) defects.add(defect);
  }
  const id = `64a0${index.toString(16).padStart(20, '0')}`;
  // Ids stand as strings and as ObjectIds, mixed within one collection.
  const either = (hex: string): string | ObjectId => (random() < 0.5 ? hex : new ObjectId(hex));
  const userOf = (member: number): string => userId(index * world.members + member, world);
  const owner = userOf(0);
  const memberships: Document[] = [];
  const roles: Document[] = [];
  const rows: SeededRow[] = [];
  const hold = (user: string, role: string, copy: 'both' | 'mongo-alone' | 'inactive-in-postgres'): void => {
    const number = roles.length + 1;
    const link = new ObjectId(
      `65b0${index.toString(16).padStart(16, '0')}${number.toString(16).padStart(4, '0')}`,
    );
    const row = { role_name: role, scope: 'TEAM', created_by: 'system' };
    roles.push({
      ...{ ...row, _id: link, user_id: either(user), team_id: either(id), is_active: true },
      created_at: random() < 0.5 ? LONG_AGO : LONG_AGO.toISOString(),
    });
    if (copy === 'mongo-alone') return;
    const at = LONG_AGO.toISOString();
    rows.push({
      ...{ ...row, id: (index + 1) * ROWS_PER_TEAM_MAX + number, mongo_id: link.toHexString() },
      ...{ user_id: user, team_id: id, is_active: copy === 'both' },
      ...{ created_at: at, last_sync_at: at, sync_status: 'SYNCED', sync_error: null },
    });
  };
  for (let member = 0; member < world.members; member += 1) {
    memberships.push({ user_id: either(userOf(member)), team_id: either(id), is_active: true });
    const copy =
      member === 1 && defects.has('postgres-copy-missing')
        ? 'mongo-alone'
        : member === 1 && defects.has('postgres-copy-inactive')
          ? 'inactive-in-postgres'
          : 'both';
    hold(userOf(member), 'member', copy);
  }
  if (!defects.has('creator-lacks-privileges'))
    for (const role of ['owner', 'admin']) hold(owner, role, 'both');
  if (defects.has('member-holds-admin')) hold(userOf(1), 'admin', 'both');
  if (defects.has('former-member-holds-roles')) hold(userOf(world.members), 'member', 'both');
  const team = { _id: new ObjectId(id), name: `Team ${index}`, created_by: either(owner), is_deleted: false };
  return { id, state, team, memberships, roles, rows };
}

/** People are in three teams on average, and never twice in one. */
function userId(number: number, { teams, members }: World): string {
  const people = Math.max(Math.ceil((teams * members) / 3), members + 1);
  return `66c0${(number % people).toString(16).padStart(20, '0')}`;
}

/** Numbers from 0 up to 1 that look random and are the same for the same seeds (mulberry32). */
function randomNumbers(...seeds: readonly number[]): () => number {
  let state = seeds.reduce((sum, seed) => Math.imul(sum ^ seed, 0x9e3779b1) + 0x7f4a7c15, 0x2545f491) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import type { Change, Undo } from '../model/decision.js';
import type { SerialId } from '../model/id.js';
import type { LiveRow, LiveRows } from '../model/live.js';
import type { Drift, DriftSide } from '../model/outcome.js';
import { TEAM_SCOPE } from '../model/role-row.js';
import type { Store } from '../model/store.js';
import type { PlannedChange, PlannedRow, PlannedTeam, PlannedUser } from './planned-team.js';

export interface PendingChange<Row extends LiveRow = LiveRow> {
  readonly user: string;
  readonly change: Change<string>;
  /** What the change takes back, in a revert plan. */
  readonly undo: Undo | null;
  /** The row as it was read and judged; null for an insert. */
  readonly before: Row | null;
}

/** The verdicts on a team's rows in one store, in the plan's order of users. */
export interface StoreVerdict<Row extends LiveRow = LiveRow> {
  readonly users: readonly UserVerdict<Row>[];
}

interface UserVerdict<Row extends LiveRow> {
  readonly drifts: readonly Drift[];
  readonly pending: readonly PendingChange<Row>[];
  readonly elsewhere: readonly Elsewhere<Row>[];
  readonly applied: number;
}

/** A role to be inserted that exists under another id: another plan or the application was faster. */
interface Elsewhere<Row extends LiveRow> {
  readonly link: string | null;
  readonly pending: PendingChange<Row>;
  /** Reported unless each store has its half of the pair. */
  readonly drift: Drift;
}

export interface RowVerdicts<Row extends LiveRow = LiveRow> {
  readonly drifts: Drift[];
  readonly pending: PendingChange<Row>[];
  readonly applied: number;
}

/** Judges a team's rows in one store: each changed row *before* or *after*, each other row as observed. */
export function judgeStore<Row extends LiveRow>(
  store: Store,
  { team, users }: PlannedTeam,
  rows: LiveRows<Row>,
): StoreVerdict<Row> {
  return { users: users.map((user) => new UserJudge(store, team.id, user, rows).verdict()) };
}

/** Adds up the verdicts on one store or on both. */
export function together<Row extends LiveRow>(stores: readonly StoreVerdict<Row>[]): RowVerdicts<Row> {
  const drifts: Drift[] = [];
  const pending: PendingChange<Row>[] = [];
  const elsewhere: Elsewhere<Row>[] = [];
  let applied = 0;
  for (const index of stores[0]?.users.keys() ?? []) {
    for (const { users } of stores) {
      const user = users[index];
      if (user === undefined) continue;
      drifts.push(...user.drifts);
      pending.push(...user.pending);
      elsewhere.push(...user.elsewhere);
      applied += user.applied;
    }
  }
  if (pending.length === 0 && drifts.length === 0 && areLinked(elsewhere, stores.length))
    return { drifts, pending, applied: applied + elsewhere.length };
  for (const one of elsewhere) {
    drifts.push(one.drift);
    pending.push(one.pending);
  }
  return { drifts, pending, applied };
}

/** Whether each role stands in so many stores as one linked pair, as if this plan had inserted it. */
function areLinked(elsewhere: readonly Elsewhere<LiveRow>[], stores: number): boolean {
  const pairs = elsewhere.map(({ link, pending: { user, change } }) =>
    JSON.stringify([user, change.role, link]),
  );
  return elsewhere.every(({ link }) => link !== null) && new Set(pairs).size * stores === pairs.length;
}

/** Judges one user's rows in one store, and remembers the live rows that the decision accounts for. */
class UserJudge<Row extends LiveRow> {
  readonly #store: Store;
  readonly #team: string;
  readonly #planned: PlannedUser;
  readonly #rows: LiveRows<Row>;
  readonly #drifts: Drift[] = [];
  readonly #pending: PendingChange<Row>[] = [];
  readonly #elsewhere: Elsewhere<Row>[] = [];
  #applied = 0;
  readonly #accounted = new Set<Row>();
  readonly #changedIds = new Set<SerialId>();

  constructor(store: Store, team: string, planned: PlannedUser, rows: LiveRows<Row>) {
    this.#store = store;
    this.#team = team;
    this.#planned = planned;
    this.#rows = rows;
  }

  verdict(): UserVerdict<Row> {
    const { user, changes, observed } = this.#planned;
    for (const planned of changes) if (planned.change.store === this.#store) this.#changed(planned);
    for (const row of observed[this.#store]) this.#unchanged(row);
    for (const { change, row, undo } of changes) {
      // A new id must be free in the other store too, unless the row that the decision links to holds it.
      // A row that comes back stood beside any other holder of its id before.
      if (change.op === 'insert' && undo === null) this.#noOther(this.#rows.byLink(row.link));
    }
    this.#noOther(this.#rows.activeOf(this.#team, user));
    const [drifts, pending, elsewhere] = [this.#drifts, this.#pending, this.#elsewhere];
    return { drifts, pending, elsewhere, applied: this.#applied };
  }

  #changed({ change, row, undo }: PlannedChange): void {
    const { user, observed } = this.#planned;
    const other = change.op === 'insert' && undo === null ? this.#insertedElsewhere(change, row.link) : null;
    if (other !== null) {
      this.#accounted.add(other);
      const pending = { user, change, undo, before: null };
      this.#elsewhere.push({ link: other.link, pending, drift: this.#driftOf(null, other) });
      return;
    }
    const found = change.op === 'insert' ? this.#inserted(change, row.link) : this.#altered(change, row);
    const before = observed[this.#store].find(({ id }) => id !== null && id === row.id) ?? null;
    const after =
      change.op === 'delete'
        ? null
        : { link: row.link, role: change.role, active: change.op !== 'deactivate' };
    if (before?.id) this.#changedIds.add(before.id);
    for (const one of found) this.#accounted.add(one);
    if (this.#is(found, after)) this.#applied++;
    else if (this.#is(found, before)) {
      const same = found.find(({ idForm }) => idForm === row.idForm) ?? null;
      this.#pending.push({ user, change, undo, before: same });
    } else this.#drifted(before, found);
  }

  /** The one active row that already has the role under another id, while the new id is free. */
  #insertedElsewhere({ role }: Change<string>, link: string | null): Row | null {
    const active = this.#rows.activeOf(this.#team, this.#planned.user);
    const [found, ...others] = active.filter((row) => row.role === role);
    if (found === undefined || others.length > 0 || link === null) return null;
    return this.#rows.byLink(link).length > 0 ? null : found;
  }

  /** The rows in place of a new one: those with its link, or without a link the user's active ones of the role. */
  #inserted({ role }: Change<string>, link: string | null): readonly Row[] {
    if (link !== null) return this.#rows.byLink(link);
    const active = this.#rows.activeOf(this.#team, this.#planned.user);
    return active.filter((row) => row.link === null && row.role === role);
  }

  /** The rows under the id of an altered one. Only a removal knows which of two documents with these digits it means. */
  #altered({ op }: Change<string>, { id, idForm }: PlannedChange['row']): readonly Row[] {
    const found = this.#rows.byId(id);
    return op === 'reactivate' ? found : found.filter((one) => one.idForm === idForm);
  }

  /** An observed row that no change concerns must be as it was. */
  #unchanged(row: PlannedRow): void {
    if (row.id === null || this.#changedIds.has(row.id)) return;
    const found = this.#rows.byId(row.id);
    const same = found.filter((one) => this.#is([one], row));
    for (const one of same.length === 1 ? same : found) this.#accounted.add(one);
    if (same.length !== 1) this.#drifted(row, found);
  }

  #noOther(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.#accounted.has(row)) continue;
      this.#accounted.add(row);
      this.#drifted(null, [row]);
    }
  }

  /** Whether exactly the planned row was found, or nothing where none is planned. */
  #is(found: readonly Row[], planned: Omit<PlannedRow, 'id'> | null): boolean {
    const [row, ...others] = found;
    if (planned === null || row === undefined) return planned === null && row === undefined;
    return (
      others.length === 0 &&
      row.user === this.#planned.user &&
      row.team === this.#team &&
      row.scope === TEAM_SCOPE &&
      row.role === planned.role &&
      row.active === planned.active &&
      row.link === planned.link
    );
  }

  #drifted(planned: PlannedRow | null, found: readonly Row[]): void {
    if (found.length === 0) this.#drifts.push(this.#driftOf(planned, null));
    for (const row of found) this.#drifts.push(this.#driftOf(planned, row));
  }

  #driftOf(planned: PlannedRow | null, found: Row | null): Drift {
    return {
      user: this.#planned.user,
      name: this.#planned.name,
      about: this.#store,
      planned: planned && sideOf(planned),
      found: found && { ...sideOf(found), ...this.#whose(found) },
    };
  }

  /** Empty for a row of this user and team. */
  #whose({ user, team, scope }: Row): DriftSide {
    const own = user === this.#planned.user && team === this.#team && scope === TEAM_SCOPE;
    return own ? {} : { user, team, scope };
  }
}

function sideOf({ id, link, role, active }: PlannedRow | LiveRow): DriftSide {
  return { id: id === null ? null : String(id), mongoId: link, role, active };
}

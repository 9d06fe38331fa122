import type { Change, Decision } from '../model/decision.js';
import type { Drift, DriftSide } from '../model/drift.js';
import type { LiveMongoRow, LivePostgresRow, LiveTeam, MongoIdForm } from '../model/live.js';
import type { Mapping } from '../model/mapping.js';
import { STORES, TEAM_SCOPE, type Store } from '../model/role-row.js';
import type { PendingChange, PlannedDecision } from './judge.js';
import { changedRow, type ChangedRow } from './live-question.js';

/** A live row of either store, with the parts that decisions depend on. */
interface Row {
  /** `_id` or serial id; null where it is illegible. */
  readonly key: string | null;
  /** Of an `_id`. */
  readonly idForm: MongoIdForm | null;
  /** `_id` or `mongo_id`. */
  readonly link: string | null;
  readonly user: string | null;
  readonly team: string | null;
  readonly role: string | null;
  readonly scope: string | null;
  readonly active: boolean;
}

/** A row that a decision speaks of: as observed, or as it will be. */
interface PlannedRow {
  readonly key: string | null;
  readonly link: string | null;
  readonly role: string;
  readonly active: boolean;
}

export interface RowVerdicts {
  readonly drifts: Drift[];
  readonly pending: PendingChange[];
  /** How many changes have taken effect. */
  readonly applied: number;
}

/**
 * Judges the rows of one team's decisions: each changed row *before* or *after*, each other row as observed.
 *
 * @param stores only rows of these are looked at
 */
export function judgeRows(
  team: string,
  decisions: readonly PlannedDecision[],
  live: Pick<LiveTeam, Store>,
  mapping: Mapping,
  stores: readonly Store[] = STORES,
): RowVerdicts {
  const indexes: Record<Store, RowIndex> = {
    mongo: new RowIndex(live.mongo.map(mongoRow)),
    postgres: new RowIndex(live.postgres.map(postgresRow)),
  };
  const drifts: Drift[] = [];
  const pending: PendingChange[] = [];
  const elsewhere: Elsewhere[] = [];
  let applied = 0;
  for (const decision of decisions) {
    const changed = decision.changes.map((change, index) => ({
      change,
      row: changedRow(change, mapping),
      undo: decision.undo?.[index],
    }));
    for (const store of stores) {
      const planned = plannedRows(decision, store);
      const judge = new StoreJudge(team, decision.user, store, indexes[store], drifts);
      for (const { change, row, undo } of changed) {
        if (row.store !== store) continue;
        const other = change.op === 'insert' && undo === undefined ? judge.elsewhere(change, row) : null;
        if (other !== null) {
          elsewhere.push({ judge, row: other, pending: { user: decision.user, change } });
          continue;
        }
        switch (judge.changed(change, observedIn(planned, row), row)) {
          case 'before':
            pending.push({ user: decision.user, change, ...(undo && { undo }) });
            break;
          case 'after':
            applied++;
            break;
          case 'drifted':
            break;
        }
      }
      for (const row of planned) judge.unchanged(row);
      for (const { change, row, undo } of changed) {
        // A new id must be free in the other store too, or held there by the very row that the decision links to. A row
        // that comes back was there beside whatever held its id.
        if (change.op === 'insert' && undo === undefined) judge.noOther(indexes[store].byLink(linkOf(row)));
      }
      judge.noOther(indexes[store].activeOf(team, decision.user));
    }
  }
  if (pending.length === 0 && drifts.length === 0 && areLinked(elsewhere, stores))
    return { drifts, pending, applied: applied + elsewhere.length };
  for (const { judge, row } of elsewhere) judge.stranger(row);
  pending.push(...elsewhere.map((one) => one.pending));
  return { drifts, pending, applied };
}

/** A role that was to be inserted and is there under another id: another plan or the application was faster. */
interface Elsewhere {
  readonly judge: StoreJudge;
  readonly row: Row;
  readonly pending: PendingChange;
}

/** Whether each role stands in all of these stores as one linked pair, as if it had been inserted by this plan. */
function areLinked(elsewhere: readonly Elsewhere[], stores: readonly Store[]): boolean {
  const pairs = elsewhere.map(({ row, pending }) => JSON.stringify([pending.user, row.role, row.link]));
  return (
    elsewhere.every(({ row }) => row.link !== null) && new Set(pairs).size * stores.length === pairs.length
  );
}

/** Judges the rows of one user in one store, and remembers which live rows the decision accounts for. */
class StoreJudge {
  readonly #team: string;
  readonly #user: string;
  readonly #store: Store;
  readonly #index: RowIndex;
  readonly #drifts: Drift[];
  readonly #accounted = new Set<Row>();
  readonly #keys = new Set<string>();

  constructor(team: string, user: string, store: Store, index: RowIndex, drifts: Drift[]) {
    this.#team = team;
    this.#user = user;
    this.#store = store;
    this.#index = index;
    this.#drifts = drifts;
  }

  changed(
    change: Change<string>,
    observed: PlannedRow | undefined,
    row: ChangedRow,
  ): 'before' | 'after' | 'drifted' {
    const found = change.op === 'insert' ? this.#inserted(change, row) : this.#altered(change, row);
    const goal: PlannedRow | null =
      change.op === 'delete'
        ? null
        : {
            key: change.op === 'insert' ? null : String(row.id),
            link: row.store === 'mongo' ? row.id : row.link,
            role: change.role,
            active: change.op !== 'deactivate',
          };
    if (observed?.key) this.#keys.add(observed.key);
    for (const one of found) this.#accounted.add(one);
    if (this.#is(found, goal)) return 'after';
    if (this.#is(found, observed ?? null)) return 'before';
    this.#drifted(observed ?? null, found);
    return 'drifted';
  }

  /** The one active row of a role that is to be inserted, where nothing has its new id but another one. */
  elsewhere(change: Change<string>, row: ChangedRow): Row | null {
    const active = this.#index.activeOf(this.#team, this.#user);
    const [found, ...others] = active.filter(({ role }) => role === change.role);
    if (found === undefined || others.length > 0 || linkOf(row) === null) return null;
    if (this.#index.byLink(linkOf(row)).length > 0) return null;
    this.#accounted.add(found);
    return found;
  }

  stranger(row: Row): void {
    this.#drifted(null, [row]);
  }

  /** What stands where a new row will be: whatever has its link, or for want of one the user's active row of the role. */
  #inserted(change: Change<string>, row: ChangedRow): readonly Row[] {
    const link = linkOf(row);
    if (link !== null) return this.#index.byLink(link);
    return this.#index
      .activeOf(this.#team, this.#user)
      .filter(({ link: found, role }) => found === null && role === change.role);
  }

  /** What stands under the id of an altered row. A removal alone knows which of two documents with its digits it means. */
  #altered(change: Change<string>, row: ChangedRow): readonly Row[] {
    const found = this.#index.byKey(String(row.id));
    if (row.store === 'postgres' || change.op === 'reactivate') return found;
    return found.filter((one) => one.idForm === row.idForm);
  }

  /** An observed row that no change is about must be as it was. */
  unchanged(row: PlannedRow): void {
    if (row.key === null || this.#keys.has(row.key)) return;
    const found = this.#index.byKey(row.key);
    const same = found.filter((one) => this.#is([one], row));
    for (const one of same.length === 1 ? same : found) this.#accounted.add(one);
    if (same.length !== 1) this.#drifted(row, found);
  }

  /** None of these rows may be there, unless the decision accounts for it. */
  noOther(rows: readonly Row[]): void {
    for (const row of rows) {
      if (this.#accounted.has(row)) continue;
      this.#accounted.add(row);
      this.#drifted(null, [row]);
    }
  }

  /** True if exactly the planned row was found (or nothing, where none is planned). */
  #is(found: readonly Row[], planned: PlannedRow | null): boolean {
    const [row, ...others] = found;
    if (planned === null || row === undefined) return planned === null && row === undefined;
    return (
      others.length === 0 &&
      row.user === this.#user &&
      row.team === this.#team &&
      row.scope === TEAM_SCOPE &&
      row.role === planned.role &&
      row.active === planned.active &&
      row.link === planned.link
    );
  }

  #drifted(planned: PlannedRow | null, found: readonly Row[]): void {
    const side: DriftSide | null = planned && {
      id: planned.key,
      mongoId: planned.link,
      role: planned.role,
      active: planned.active,
    };
    const about = { user: this.#user, about: this.#store, planned: side };
    if (found.length === 0) this.#drifts.push({ ...about, found: null });
    for (const { key, link, user, team, role, scope, active } of found) {
      const stranger = user !== this.#user || team !== this.#team || scope !== TEAM_SCOPE;
      const whose = stranger ? { user, team, scope } : {};
      this.#drifts.push({ ...about, found: { id: key, mongoId: link, role, active, ...whose } });
    }
  }
}

/** The live rows of one store by each of the ways in which a decision asks for them. */
class RowIndex {
  readonly #byKey = new Map<string, Row[]>();
  readonly #byLink = new Map<string, Row[]>();
  readonly #active = new Map<string, Row[]>();

  constructor(rows: readonly Row[]) {
    for (const row of rows) {
      if (row.key !== null) add(this.#byKey, row.key, row);
      if (row.link !== null) add(this.#byLink, row.link, row);
      if (row.active && row.scope === TEAM_SCOPE && row.team !== null && row.user !== null) {
        add(this.#active, `${row.team}\0${row.user}`, row);
      }
    }
  }

  byKey(key: string): readonly Row[] {
    return this.#byKey.get(key) ?? [];
  }

  byLink(link: string | null): readonly Row[] {
    return link === null ? [] : (this.#byLink.get(link) ?? []);
  }

  activeOf(team: string, user: string): readonly Row[] {
    return this.#active.get(`${team}\0${user}`) ?? [];
  }
}

function add(map: Map<string, Row[]>, key: string, row: Row): void {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
}

function linkOf(row: ChangedRow): string | null {
  return row.store === 'mongo' ? row.id : row.link;
}

function mongoRow({ id, idForm, user, team, role, scope, active }: LiveMongoRow): Row {
  return { key: id, idForm, link: id, user, team, role, scope, active };
}

function postgresRow({ id, mongoId, user, team, role, scope, active }: LivePostgresRow): Row {
  return { key: String(id), idForm: null, link: mongoId, user, team, role, scope, active };
}

function plannedRows({ observed }: Decision<string>, store: Store): PlannedRow[] {
  return store === 'mongo'
    ? observed.mongo.map(({ id, role, active }) => ({ key: id, link: id, role, active }))
    : observed.postgres.map(({ id, mongoId, role, active }) => ({
        key: String(id),
        link: mongoId,
        role,
        active,
      }));
}

function observedIn(planned: readonly PlannedRow[], row: ChangedRow): PlannedRow | undefined {
  if (row.id === null) return undefined;
  const key = String(row.id);
  return planned.find((one) => one.key === key);
}

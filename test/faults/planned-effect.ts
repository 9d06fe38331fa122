import { isDeepStrictEqual } from 'node:util';
import type { PlanTeam } from '../../src/files/plan/schema.js';
import type { Op } from '../../src/model/change.js';
import type { Change } from '../../src/model/decision.js';
import type { Store } from '../../src/model/store.js';
import { mongoKey, postgresKey, type Image } from './evidence.js';

/**
 * What one change of a plan does to one row: what stands before it and after it, null for nothing. Worked out from the
 * plan's text alone, without the code that writes and judges.
 */
export interface PlannedEffect {
  readonly team: string;
  readonly user: string;
  readonly role: string;
  readonly store: Store;
  readonly op: Op;
  readonly key: string;
  readonly before: Image | null;
  /** An inserted Postgres row has no `id` here: the database gives it. */
  readonly after: Image | null;
}

/** Where one row stands between the plan and its goal. */
export type EffectState = 'before' | 'after' | 'neither';

/** The effects of all changes of these teams. */
export function plannedEffects(teams: readonly PlanTeam[], asOf: string): PlannedEffect[] {
  return teams.flatMap(({ team, decisions }) =>
    decisions.flatMap(({ user, changes }) =>
      changes.map((change) => {
        const { role, store, op } = change;
        const before = change.op === 'insert' ? null : change.before;
        const image: Image = change.op === 'insert' ? change.after : change.before;
        const key = store === 'mongo' ? mongoKey('user_roles', image['_id']) : postgresKey(image);
        return { team: team.id, user, role, store, op, key, before, after: afterOf(change, asOf) };
      }),
    ),
  );
}

function afterOf(change: Change<string>, asOf: string): Image | null {
  switch (change.op) {
    case 'insert':
      return change.after;
    case 'delete':
      return null;
    case 'deactivate':
    case 'reactivate': {
      const active = change.op === 'reactivate';
      return change.store === 'mongo'
        ? { ...change.before, is_active: active }
        : { ...change.before, is_active: active ? 't' : 'f', last_sync_at: postgresTime(asOf) };
    }
  }
}

/** As Postgres writes a time under `TimeZone=UTC, DateStyle=ISO`: without trailing zeros. */
function postgresTime(asOf: string): string {
  return asOf.replace('T', ' ').replace(/\.?0*Z$/, '+00');
}

/** Where the row of an effect stands among all rows. */
export function stateOf(effect: PlannedEffect, rows: ReadonlyMap<string, Image>): EffectState {
  const found = rows.get(effect.key) ?? null;
  if (sameRow(found, effect.after)) return 'after';
  return sameRow(found, effect.before) ? 'before' : 'neither';
}

/**
 * Where the row of an effect stands by docs/design.md, "Apply" alone, which is what can be asked of rows that the
 * application writes as well: gone, inactive, or active with the planned role and link.
 */
export function looseStateOf(effect: PlannedEffect, rows: ReadonlyMap<string, Image>): EffectState {
  const found = looks(rows.get(effect.key) ?? null);
  if (isDeepStrictEqual(found, looks(effect.after))) return 'after';
  return isDeepStrictEqual(found, looks(effect.before)) ? 'before' : 'neither';
}

/** What judging looks at in a row, besides its key. */
function looks(row: Image | null): unknown {
  if (row === null) return null;
  const active = row['is_active'] === true || row['is_active'] === 't';
  return [row['user_id'], row['team_id'], row['scope'], row['role_name'], active];
}

function sameRow(found: Image | null, planned: Image | null): boolean {
  if (found === null || planned === null) return found === planned;
  const idIsOpen = !('id' in planned) && !('_id' in planned);
  const columns = Object.entries(found).filter(([column]) => column !== 'id' || !idIsOpen);
  return isDeepStrictEqual(Object.fromEntries(columns), { ...planned });
}
